"""Sentences before translation. A `Text` is not a `str`, so it cannot be shown untranslated."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from string import Formatter
from typing import Self, cast

from msgspec import Struct


class Language(StrEnum):
    """A supported language. Its value is its BCP 47 tag."""

    FRENCH = "fr"
    ENGLISH = "en"


class TimeOfDay(Struct, frozen=True, tag=True):
    """A time shown as "14 h 32". `at` must be in the reader's time zone."""

    at: datetime


class Moment(Struct, frozen=True, tag=True):
    """A time shown as "jeudi 6 décembre 2018 à 17 h". `at` must be in the reader's time zone."""

    at: datetime


class ShortMoment(Struct, frozen=True, tag=True):
    """A time shown as "6 déc. 17:00", for agents. `at` must be in the reader's time zone."""

    at: datetime


class Day(Struct, frozen=True, tag=True):
    """A day shown as "jeudi 6 décembre". `at` must be in the reader's time zone."""

    at: datetime


class DayWithYear(Struct, frozen=True, tag=True):
    on: date


class BilingualText(Struct, frozen=True, tag=True):
    """A text in French and English. If `english` is None, English pages say that the text is in French."""

    french: str
    english: str | None = None


class CallingCode(Struct, frozen=True):
    """A country calling code such as 33, and the ISO 3166 codes of its countries."""

    number: int
    countries: tuple[str, ...]


class CallingCodes(Struct, frozen=True, tag=True):
    """Calling codes that are shown with their countries, such as "France (+33), Belgique (+32) et outre-mer"."""

    codes: tuple[CallingCode, ...]
    other: BilingualText | None = None


class Text(Struct, frozen=True, tag=True):
    """A French sentence with placeholders such as `{name}` and their values."""

    msgid: str
    plural: str | None = None
    params: "Mapping[str, SentenceValue]" = {}

    def fill(self, facts: Mapping[str, object]) -> "Text":
        """Fill in placeholders from `facts`. Values that are already set are kept."""
        known = {name: facts[name] for name in _printed_names(self.msgid, self.plural) if name in facts}
        return Text(self.msgid, self.plural, {**cast("Mapping[str, SentenceValue]", known), **self.params})

    def for_count(self, count: int) -> "Text":
        return self.fill({"count": count})


DateOrTime = TimeOfDay | Moment | ShortMoment | Day | DayWithYear
SentenceValue = Text | BilingualText | CallingCodes | DateOrTime | str | int | float | bool | None


@lru_cache(maxsize=4096)
def _printed_names(msgid: str, plural: str | None) -> frozenset[str]:
    forms = (msgid, plural or "")
    return frozenset(name for form in forms for _, name, _, _ in Formatter().parse(form) if name) | {"count"}


class SentenceEnum(StrEnum):
    """Base class for enums whose members have a word and a sentence."""

    sentence: Text

    def __new__(cls, word: str, *sentence: Text) -> Self:
        # A look-up passes only the word.
        member = str.__new__(cls, word)
        member._value_, (member.sentence,) = word, sentence
        return member


def N_(msgid: str, /, **params: SentenceValue) -> Text:
    """Create a sentence. A tool searches for this name to collect sentences for translation."""
    return Text(msgid, None, params)


def NN_(singular: str, plural: str, /, **params: SentenceValue) -> Text:
    """Create a sentence with a singular and a plural form. The value of `count` selects the form."""
    return Text(singular, plural, params)
