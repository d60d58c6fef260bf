"""A sentence before its language is chosen.

French is the source language: the msgid is the French sentence. A Text is not a `str`, so that it cannot reach a reader
before `core.text.translation.translate` has chosen the language.
"""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from string import Formatter
from typing import Self, cast

from msgspec import Struct


class Language(StrEnum):
    """The languages of all sentences. The value is the BCP 47 tag."""

    FRENCH = "fr"
    ENGLISH = "en"


class TimeOfDay(Struct, frozen=True, tag=True):
    """A moment shown as a clock time, "14:32". `at` is in the reader's time zone."""

    at: datetime


class Moment(Struct, frozen=True, tag=True):
    """A moment shown with its day, "jeudi 6 décembre 2018 à 17:00". `at` is in the reader's time zone."""

    at: datetime


class Day(Struct, frozen=True, tag=True):
    """A day shown without hour and year, "jeudi 6 décembre". `at` is in the reader's time zone."""

    at: datetime


class DayWithYear(Struct, frozen=True, tag=True):
    """A day shown with its year, "6 décembre 2018"."""

    on: date


class BilingualText(Struct, frozen=True, tag=True):
    """A text of the election, in each language."""

    french: str
    english: str


class Text(Struct, frozen=True, tag=True):
    """A French sentence, its plural if it has a count, and the values of its `{names}`."""

    msgid: str
    plural: str | None = None
    params: "Mapping[str, SentenceValue]" = {}

    def fill(self, facts: Mapping[str, object]) -> "Text":
        """Return the sentence with the values that it needs from `facts`. Values that are already set stay."""
        known = {name: facts[name] for name in _printed_names(self.msgid, self.plural) if name in facts}
        return Text(self.msgid, self.plural, {**cast("Mapping[str, SentenceValue]", known), **self.params})

    def for_count(self, count: int) -> "Text":
        return self.fill({"count": count})


SentenceValue = Text | BilingualText | TimeOfDay | Moment | Day | DayWithYear | str | int | float | bool | None
"""A value that a sentence can print."""


@lru_cache(maxsize=4096)
def _printed_names(msgid: str, plural: str | None) -> frozenset[str]:
    """Return the names of the values in a sentence, and `count`, which chooses its plural."""
    forms = (msgid, plural or "")
    return frozenset(name for form in forms for _, name, _, _ in Formatter().parse(form) if name) | {"count"}


class SentenceEnum(StrEnum):
    """An enum of stable words, each with the sentence shown to people."""

    sentence: Text

    def __new__(cls, word: str, *sentence: Text) -> Self:
        """Make a member with the word as its value. A look-up, `Kind(word)`, does not call this method."""
        member = str.__new__(cls, word)
        member._value_, (member.sentence,) = word, sentence
        return member


def N_(msgid: str, /, **params: SentenceValue) -> Text:
    """Make a sentence. gettext's extractor finds msgids by the names `N_` and `NN_`."""
    return Text(msgid, None, params)


def NN_(singular: str, plural: str, /, **params: SentenceValue) -> Text:
    """Make a sentence with a `count`. French uses the singular for 0 and 1, English for 1 only."""
    return Text(singular, plural, params)
