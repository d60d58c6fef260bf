"""Text: a sentence before its language is chosen.

French is the source language: the msgid *is* the French sentence. A Text is deliberately not a `str`,
so that it cannot reach a reader before `core.i18n.say` has chosen the language.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum


class Language(StrEnum):
    """The languages every sentence exists in; the value is the tag of BCP 47."""

    FRENCH = "fr"
    ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class TimeOfDay:
    """A moment to be read as a clock shows it, "14:32"; `at` carries the zone of its reader."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment to be read with its day, "jeudi 6 décembre 2018 à 17:00"; `at` carries the zone of its reader."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Day:
    """A day to be read without its hour, "jeudi 6 décembre"; `at` carries the zone of its reader."""

    at: datetime


@dataclass(frozen=True, slots=True)
class DayOfYear:
    """A day to be read with its year, "6 décembre 2018"."""

    on: date


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that are not ours, an election's own, in each language."""

    french: str
    english: str


@dataclass(frozen=True, slots=True)
class Text:
    """A French sentence, its plural if it counts, and the values of its `{names}`."""

    msgid: str
    plural: str | None = None
    params: Mapping[str, object] = field(default_factory=dict)

    def fill(self, facts: Mapping[str, object]) -> "Text":
        """The same sentence with more of its names known; a name already known keeps its value."""
        return replace(self, params={**facts, **self.params})


def N_(msgid: str, /, **params: object) -> Text:
    """A sentence; `N_` is gettext's customary name, so that its extractor finds the msgid."""
    return Text(msgid, None, params)


def NN_(singular: str, plural: str, /, *, count: int, **params: object) -> Text:
    """A sentence that counts: French takes the singular for 0 and 1, English for 1 only."""
    return Text(singular, plural, {"count": count, **params})
