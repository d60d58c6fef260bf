"""Chooses the language of a Text and writes its values the way that language does."""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from string import Formatter
from types import ModuleType

from babel.dates import format_date, format_datetime
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from core.text import Day, DayOfYear, Language, Moment, Phrase, Text, TimeOfDay

FORMATTER = Formatter()
MOMENT_PATTERNS = {Language.FRENCH: "EEEE d MMMM y 'à' HH:mm", Language.ENGLISH: "EEEE d MMMM y 'at' HH:mm"}
DAY_PATTERN = "EEEE d MMMM"
TIME_PATTERN = "HH:mm"
DATE_PATTERN = "d MMMM y"
KEPT_TOGETHER = {
    Language.FRENCH: re.compile(r" (?=[:;?!»])|(?<=«) |(?<=\d\d) (?=\d\d\b)|(?<=\d) (?=h\b)"),
    Language.ENGLISH: re.compile(r"(?<=\d\d) (?=\d\d\b)|(?<=\d) (?=[ap]m\b)"),
}
"""The spaces that must not end a line: before high punctuation (« : ; ? ! »), in a telephone number, in an hour."""
NO_BREAK_SPACE = "\u00a0"


def say(text: Text, language: Language) -> str:
    """The sentence as its reader reads it. A name without a value raises KeyError: a defect, not a user's error."""
    sentence = _sentence(text, language)
    # A value without a place in the sentence is left alone: facts are given to every sentence of a step.
    return sentence.format_map({name: _write(text.params[name], language) for name in _names(sentence)})


@lru_cache(maxsize=4096)
def _names(sentence: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in FORMATTER.parse(sentence) if name is not None)


@lru_cache(maxsize=1024)  # most sentences of a page or a mail are everybody's
def typeset(sentence: str, language: Language) -> str:
    """Keeps on one line what belongs together. For pages; a plain mail has no need of it."""
    return KEPT_TOGETHER[language].sub(NO_BREAK_SPACE, sentence)


def words_in(language: Language, *modules: ModuleType) -> Mapping[str, str]:
    """Their words without values, for templates, which know each by its name in lower case."""
    texts = {name.lower(): text for module in modules for name, text in vars(module).items() if isinstance(text, Text)}
    return {name: typeset(say(text, language), language) for name, text in texts.items() if "{" not in text.msgid}


def _sentence(text: Text, language: Language) -> str:
    """Without a translation the French is shown rather than nothing; `make check` refuses such a gap before."""
    count = text.params.get("count") if text.plural is not None else None
    several = isinstance(count, int) and count > 1
    french = text.plural if text.plural is not None and several else text.msgid
    message = None if language is Language.FRENCH else catalogue(language).get(text.msgid)
    translated = None if message is None else message.string
    if translated is None or isinstance(translated, str):
        return translated or french
    return translated[0 if count == 1 else 1] or french


def _write(value: object, language: Language) -> object:
    match value:
        case Text():
            return say(value, language)
        case Phrase():
            return value.french if language is Language.FRENCH else value.english
        case TimeOfDay() | Moment() | Day():
            return _write_time(value, language)
        case DayOfYear():
            return format_date(value.on, DATE_PATTERN, locale=language.value)
        case int():
            return _number(value, language)
        case _:
            return value


def _write_time(value: TimeOfDay | Moment | Day, language: Language) -> str:
    """As the reader's clock shows it, without seconds and zone: one instant is equal in all zones, and read differently."""
    match value:
        case TimeOfDay():
            pattern = TIME_PATTERN
        case Moment():
            pattern = MOMENT_PATTERNS[language]
        case Day():
            pattern = DAY_PATTERN
    return _minute(value.at.replace(second=0, microsecond=0, tzinfo=None), pattern, language)


@lru_cache(maxsize=1024)  # many are told the same one
def _minute(at: datetime, pattern: str, language: Language) -> str:
    return format_datetime(at, pattern, locale=language.value)


@lru_cache
def _number(value: int, language: Language) -> str:
    """Pages say the same few again and again."""
    return format_decimal(value, locale=language.value)


@lru_cache
def catalogue(language: Language) -> Catalog:
    """The translations of one language, read from the wheel; French needs none."""
    path = files("core") / "locale" / language.value / "LC_MESSAGES" / "retrouve.po"
    with path.open("rb") as file:
        return read_po(file, locale=language.value)
