import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from importlib.resources import files
from string import Formatter
from types import ModuleType

from babel import Locale
from babel.dates import format_datetime
from babel.lists import format_list
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from core.text.language_facts import LANGUAGES
from core.text.safe_text import safe_text
from core.text.text import (
    N_,
    BilingualText,
    CallingCodes,
    Day,
    DayWithYear,
    Language,
    Moment,
    ShortMoment,
    Text,
    TimeOfDay,
)

Forms = str | Sequence[str]

FORMATTER = Formatter()
DAY_PATTERN = "EEEE d MMMM"
SHORT_CLOCK_PATTERN = "HH:mm"
DATE_PATTERN = "d MMMM y"
SHORT_MOMENT_PATTERN = "d\u00a0MMM\u00a0HH:mm"
FIRST_DAY = re.compile(r"\b1(?=\s[a-zéû]{3})")
FULL_HOUR = re.compile(r"(?<=\d h) 00$")
IN_FRENCH = N_("en français : {text}")
NO_BREAK_SPACE = "\u00a0"
WORD = r"[^\s<>«»\ue000\ue001]+"  # excludes the characters that mark a placeholder
READ_WHOLE = re.compile(
    rf"(?P<opened>«{NO_BREAK_SPACE})?"
    r"(?:(?P<typed>[^\s(<]+(?:://|@)[^\s<]+|\b[0-9A-Z]{4}\\?-[0-9A-Z]{3,4}\b|\b[A-Z]{2}\\?-\d\d?\b)"
    rf"|(?<![\w#])\d(?:{WORD})?(?:{NO_BREAK_SPACE}{WORD}){{2,}})"  # `#` excludes the escaped apostrophe, &#39;
    rf"(?P<closed>{NO_BREAK_SPACE}»[.,]?)?"
)
"""Pattern of text that should stay on one line, such as an address or date."""
AFTER_SLASH = re.compile(r"(?<=[^:/]/)(?=[\w\\])")
IN_ONE_PIECE = '<span class="whole">'


def translate(text: Text, language: Language, *, short_times: bool = False) -> str:
    """Return the sentence in `language`. Raises KeyError if a placeholder has no value.

    With `short_times`, a French time is "14:05", as in the columns of a terminal, instead of "14 h 05".
    A sentence without a translation is returned in French. `make check` reports missing translations.
    """
    count = text.params.get("count") if text.plural is not None else None
    several = isinstance(count, int) and count > 1
    sentence = text.plural if text.plural is not None and several else text.msgid
    if language is not Language.FRENCH:
        forms = read_translations(language).get(text.msgid, "")
        sentence = (forms if isinstance(forms, str) else forms[0 if count == 1 else 1]) or sentence
    # All sentences of a step get the same values, so most sentences do not use all of them.
    return sentence.format_map(
        {name: format_value(text.params[name], language, short_times=short_times) for name in _names(sentence)}
    )


@lru_cache(maxsize=4096)
def _names(sentence: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in FORMATTER.parse(sentence) if name is not None)


@lru_cache(maxsize=1024)  # most sentences of a page or an email are the same for everybody
def with_no_break_spaces(sentence: str, language: Language) -> str:
    """Return the text with no-break spaces where a line must not end."""
    return LANGUAGES[language].kept_together.sub(NO_BREAK_SPACE, sentence)


def wrap_unbreakable_parts(html: str, opening: str = IN_ONE_PIECE) -> str:
    """Wrap addresses, numbers and dates in HTML so that each stays on one line."""
    return READ_WHOLE.sub(lambda match: _in_one_piece(match, opening), html)


def break_after_slashes(address: str, opening: str = IN_ONE_PIECE) -> str:
    """Let a web address break only after slashes. `address` must be escaped for HTML."""
    parts = AFTER_SLASH.split(address)
    return "".join(f"{opening}{part}</span>" for part in parts) if len(parts) > 1 else address


def _in_one_piece(match: re.Match[str], opening: str) -> str:
    opened, closed = match["opened"] or "", match["closed"] or ""
    part = match[0].removeprefix(opened).removesuffix(closed)
    shown = part if match["typed"] else part.replace(NO_BREAK_SPACE, " ")
    before, sign, after = shown.partition("@")
    if "://" in shown:
        shown = break_after_slashes(shown, opening)
    elif before and after:
        shown = f"{opening}{before}{sign}</span>{opening}{after}</span>"
    whole = f"{opening}{shown}</span>"
    return f"{opening}{opened}{whole}{closed}</span>" if opened or closed else whole


def translated_module_sentences(language: Language, *modules: ModuleType) -> Mapping[str, str]:
    """Map lower-case constant names to the modules' translated sentences. Sentences with placeholders are omitted."""
    texts = {name.lower(): text for module in modules for name, text in vars(module).items() if isinstance(text, Text)}
    return {
        name: with_no_break_spaces(translate(text, language), language)
        for name, text in texts.items()
        if "{" not in text.msgid
    }


def format_value(value: object, language: Language, *, short_times: bool = False) -> object:
    """Format a value for `language`. Strings are made safe to show."""
    if isinstance(value, BilingualText):
        english = value.english or IN_FRENCH.fill({"text": value.french})
        value = value.french if language is Language.FRENCH else english
    match value:
        case Text():
            return translate(value, language, short_times=short_times)
        case CallingCodes():
            return _calling_codes(value, language)
        case TimeOfDay() | Moment() | ShortMoment() | Day():
            facts = LANGUAGES[language]
            clock = SHORT_CLOCK_PATTERN if short_times else facts.clock_pattern
            patterns = {
                TimeOfDay: clock,
                Moment: facts.moment_pattern.format(clock=clock),
                ShortMoment: SHORT_MOMENT_PATTERN,
                Day: DAY_PATTERN,
            }
            return _date(value.at.replace(second=0, microsecond=0, tzinfo=None), patterns[type(value)], language)
        case DayWithYear():
            return _date(value.on, DATE_PATTERN, language)
        case int():
            return _number(value, language)
        case _:
            return safe_text(value) if isinstance(value, str) else value


@lru_cache(maxsize=1024)  # many readers see the same time
def _date(at: date, pattern: str, language: Language) -> str:
    """Format a date or time. A time must have no time zone."""
    written = format_datetime(at, pattern, locale=language.value)
    return FULL_HOUR.sub("", FIRST_DAY.sub("1er", written)) if language is Language.FRENCH else written


@lru_cache
def _number(value: int, language: Language) -> str:
    return format_decimal(value, locale=language.value)


@lru_cache
def _calling_codes(value: CallingCodes, language: Language) -> str:
    locale = Locale(language.value)
    known = locale.territories  # an unknown country has no name
    names = [
        f"{format_list([known.get(each, '') for each in code.countries], locale=locale)} (+{code.number})".strip()
        for code in value.codes
    ]
    other = [] if value.other is None else [str(format_value(value.other, language))]
    return format_list([*names, *other], locale=locale)


@lru_cache
def read_translations(language: Language) -> Mapping[str, Forms]:
    """Return the translation of each sentence: a string, or its singular and plural forms."""
    path = files("core") / "locale" / language.value / "LC_MESSAGES" / "retrouve.po"
    with path.open("rb") as file:
        return forms_by_sentence(read_po(file, locale=language.value))


def forms_by_sentence(catalogue: Catalog) -> dict[str, Forms]:
    return {message.id if isinstance(message.id, str) else message.id[0]: message.string or "" for message in catalogue}
