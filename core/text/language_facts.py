import re
from collections.abc import Mapping
from dataclasses import dataclass

from core.text.text import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageFacts:
    autonym: str
    tag: str
    roll_names: tuple[str, ...]
    clock_pattern: str
    moment_pattern: str
    kept_together: re.Pattern[str]
    """Pattern that matches spaces at which a line must not break."""
    ease_formula: str
    ease: tuple[float, float, float]
    """Constants of the Flesch or Kandel-Moles readability formula."""
    mute_ending: re.Pattern[str]
    """Pattern that matches silent word endings. They do not count as syllables."""
    discouraged: re.Pattern[str]


VOWELS = re.compile(r"[aeiouyàâäéèêëîïôöùûüÿœæ]+")

LANGUAGES: Mapping[Language, LanguageFacts] = {
    Language.FRENCH: LanguageFacts(
        autonym="Français",
        tag="fr-FR",
        roll_names=("", "fr", "français", "francais", "french"),
        clock_pattern="H 'h' mm",
        moment_pattern="EEEE d MMMM y 'à' {clock}",
        kept_together=re.compile(
            r" (?=[:;?!»])|(?<=«) |(?<=\d\d) (?=\d\d(?:\d\d)?\b)|(?<=\d) (?=h\b)|(?<=\d h) (?=\d\d\b)"
            r"|(?:(?<=\d)|(?<=1er)) (?=(?:janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre)\b)"
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
        clock_pattern="HH:mm",
        moment_pattern="EEEE d MMMM y 'at' {clock}",
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
