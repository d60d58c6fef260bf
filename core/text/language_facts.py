"""Facts about each language."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from core.text.text import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageFacts:
    """One language: its name, date format, line breaks and readability formula."""

    autonym: str
    tag: str
    """The BCP 47 tag with its country, for office programs."""
    roll_names: tuple[str, ...]
    """The language's names in the roll, in lower case."""
    moment_pattern: str
    kept_together: re.Pattern[str]
    """Spaces at which a line must not break: before punctuation and units, in phone numbers, hours and dates."""
    ease_formula: str
    """The author of the readability formula."""
    ease: tuple[float, float, float]
    """Its constant, and its factors for words per sentence and syllables per word."""
    mute_ending: re.Pattern[str]
    """A silent word ending, which does not count as a syllable."""
    discouraged: re.Pattern[str]
    """Words that the help avoids."""


VOWELS = re.compile(r"[aeiouyàâäéèêëîïôöùûüÿœæ]+")
"""A run of vowels counts as one syllable, in every language here."""

LANGUAGES: Mapping[Language, LanguageFacts] = {
    Language.FRENCH: LanguageFacts(
        autonym="Français",
        tag="fr-FR",
        roll_names=("", "fr", "français", "francais", "french"),
        moment_pattern="EEEE d MMMM y 'à' HH:mm",
        kept_together=re.compile(
            r" (?=[:;?!»])|(?<=«) |(?<=\d\d) (?=\d\d(?:\d\d)?\b)|(?<=\d) (?=h\b)"
            r"|(?<=\d) (?=(?:janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre)\b)"
            r"|(?<=\bà) (?=\d)|(?<=[a-zé]{3}) (?=20\d\d\b)"
            r"|(?<=\d) (?=(?:min|secondes?|minutes?|heures?|jours?|ko)\b|%)"
        ),
        ease_formula="Kandel-Moles",  # 1958
        ease=(207.0, 1.015, 73.6),
        mute_ending=re.compile(r"(?<=.)(e|es|ent)$"),
        discouraged=re.compile(r"\b(invalides?|veuillez|erreur générale)\b", re.IGNORECASE),
    ),
    Language.ENGLISH: LanguageFacts(
        autonym="English",
        tag="en-GB",
        roll_names=("en", "anglais", "english"),
        moment_pattern="EEEE d MMMM y 'at' HH:mm",
        kept_together=re.compile(
            r"(?<=\d\d) (?=\d\d(?:\d\d)?\b)|(?<=\d) (?=[ap]m\b)|(?<=\bat) (?=\d)"
            r"|(?<=\d) (?=(?:January|February|March|April|May|June|July|August|September|October|November|December)\b)"
            r"|(?<=[a-z]{3}) (?=20\d\d\b)"
            r"|(?<=\d) (?=(?:min|seconds?|minutes?|hours?|days?|kB)\b)"
        ),
        ease_formula="Flesch",  # 1948
        ease=(206.835, 1.015, 84.6),
        mute_ending=re.compile(r"(?<=.)(?<![l])e$"),
        discouraged=re.compile(r"\b(invalid|general error)\b", re.IGNORECASE),
    ),
}
