"""Text: a sentence before its language is chosen.

French is the source language: the msgid is the French sentence. A Text is not a `str`, so that it cannot reach a reader
before `core.text.translation.translate` has chosen the language.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Self


class Language(StrEnum):
    """The languages in which every sentence exists; the value is the BCP 47 tag."""

    FRENCH = "fr"
    ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class TimeOfDay:
    """A moment shown as a clock time, "14:32"; `at` carries its reader's time zone."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment shown with its day, "jeudi 6 décembre 2018 à 17:00"; `at` carries its reader's time zone."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Day:
    """A day shown without hour and year, "jeudi 6 décembre"; `at` carries its reader's time zone."""

    at: datetime


@dataclass(frozen=True, slots=True)
class DayWithYear:
    """A day shown with its year, "6 décembre 2018"."""

    on: date


@dataclass(frozen=True, slots=True)
class BilingualText:
    """An election's own words, in each language."""

    french: str
    english: str


@dataclass(frozen=True, slots=True)
class Text:
    """A French sentence, its plural if it counts, and the values of its `{names}`."""

    msgid: str
    plural: str | None = None
    params: Mapping[str, object] = field(default_factory=dict)

    def fill(self, facts: Mapping[str, object]) -> "Text":
        """Return the sentence with more values; a value that is known already stays."""
        return Text(self.msgid, self.plural, {**facts, **self.params})

    def for_count(self, count: int) -> "Text":
        """Return the sentence with the number that it counts."""
        return self.fill({"count": count})


class SentenceEnum(StrEnum):
    """Stable words, each with the sentence that people read in its place."""

    sentence: Text

    def __new__(cls, word: str, *sentence: Text) -> Self:
        """Make a member whose value is the word. A look-up, `Kind(word)`, has no sentence and does not come here."""
        member = str.__new__(cls, word)
        member._value_, (member.sentence,) = word, sentence
        return member


def N_(msgid: str, /, **params: object) -> Text:
    """Make a sentence. `N_` is gettext's customary name, by which its extractor finds the msgid."""
    return Text(msgid, None, params)


def NN_(singular: str, plural: str, /, **params: object) -> Text:
    """Make a sentence that counts its `count`. French uses the singular for 0 and 1, English for 1 only."""
    return Text(singular, plural, params)
