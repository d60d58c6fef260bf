"""The facts about each language besides its sentences."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from core.text.text import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageFacts:
    """One language: how it names itself, writes moments, breaks lines, and how easily its sentences read."""

    autonym: str
    tag: str
    """The BCP 47 tag with its country, as office programs want it."""
    roll_names: tuple[str, ...]
    """Names of the language in the cells of a roll, in lower case."""
    moment_pattern: str
    kept_together: re.Pattern[str]
    """The spaces that must not end a line: before high punctuation and units, in a telephone number, in an hour, in a date."""
    ease_formula: str
    """The author of the formula for reading ease, with its constant and its factors for words a sentence and syllables a word."""
    ease: tuple[float, float, float]
    mute_ending: re.Pattern[str]
    """The end of a word that is written and not spoken: no syllable."""
    discouraged: re.Pattern[str]
    """Words that the help avoids."""


VOWELS = re.compile(r"[aeiouyàâäéèêëîïôöùûüÿœæ]+")
"""A run of them sounds as one syllable, in every language here."""

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
