"""Parsers for the cells of an electoral roll file. All parsers raise CellRefused."""

import re
import unicodedata
from collections.abc import Callable
from datetime import date

from core.forms import errors
from core.forms.field_parsers import ADDRESS_MAXIMUM, NUMEN_PATTERN, clean_numen, parse_address, parse_calendar_date
from core.forms.flow_model import FieldRejected
from core.roll import sentences as words
from core.security.voting_identifiers import parse_initial_verifier
from core.text.language_facts import LANGUAGES
from core.text.text import Language, Text

YOUNGEST, OLDEST = 14, 110
"""Lowest and highest plausible age in years."""
PHONE_DIGITS = (8, 15)
"""Minimum and maximum number of digits in a phone number (maximum: ITU-T E.164)."""
PHONE_PATTERN = re.compile(rf"\+?[0-9]{{{PHONE_DIGITS[0]},{PHONE_DIGITS[1]}}}")
PHONE_SIGNS = re.compile(r"[\s.()/\-]")
PLAIN_LOCAL_PART = re.compile(r"(?=.{1,64}@)[a-z0-9]+(?:[._\-][a-z0-9]+)*@", re.ASCII)
LOCAL_PART_MAXIMUM = 64
NAME_MAXIMUM = 200
WEB_ADDRESS = re.compile(
    r"://|www\.|\w@\w|\w\.(?:com|net|org|info|biz|fr|eu|io|app|dev|xyz|top|online|site|shop|link|ru|cn)\b",
    re.IGNORECASE,
)
"""Pattern of texts forbidden in names, because mail programs show them as links."""
NAMED_LANGUAGES = {name: language for language, facts in LANGUAGES.items() for name in facts.roll_names}


class CellRefused(Exception):
    def __init__(self, reason: Text) -> None:
        super().__init__(reason.msgid)
        self.reason = reason


def address_parser() -> Callable[[str], str]:
    """Return a parser for email addresses. For speed, the parser remembers valid domains."""
    domains: set[str] = set()

    def parse(cell: str) -> str:
        local = PLAIN_LOCAL_PART.match(cell)
        if local and cell[local.end() :] in domains and len(cell) <= ADDRESS_MAXIMUM:
            return cell
        key = _address(cell)
        domains.add(key.rpartition("@")[2])
        return key

    return parse


def _address(cell: str) -> str:
    try:
        key = parse_address(cell, example=words.EXAMPLE_ADDRESS).key
    except errors.AddressOddCharacter as odd:
        raise CellRefused(words.ADDRESS_ODD_CHARACTER.fill(odd.reason.params)) from None
    except FieldRejected:
        raise CellRefused(words.ADDRESS_UNREADABLE) from None
    if key.index("@") > LOCAL_PART_MAXIMUM:
        raise CellRefused(words.LOCAL_PART_TOO_LONG.fill({"maximum": LOCAL_PART_MAXIMUM}))
    return key


def parse_plain_text(cell: str) -> str:
    text = " ".join(unicodedata.normalize("NFC", cell).split())
    if not text.isprintable():
        raise CellRefused(words.INVISIBLE_CHARACTER)
    if WEB_ADDRESS.search(text):
        raise CellRefused(words.WEB_ADDRESS)
    if len(text) > NAME_MAXIMUM:
        raise CellRefused(words.NAME_TOO_LONG.fill({"maximum": NAME_MAXIMUM}))
    return text


def birth_date_parser(today: date) -> Callable[[str], date]:
    def parse(cell: str) -> date:
        born = parse_calendar_date(cell)
        if born is None:
            raise CellRefused(words.NOT_A_DATE)
        if born > today:
            raise CellRefused(words.BORN_LATER)
        age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
        if not YOUNGEST <= age <= OLDEST:
            raise CellRefused(words.UNLIKELY_AGE.fill({"age": age, "youngest": YOUNGEST, "oldest": OLDEST}))
        return born

    return parse


def parse_numen_cell(cell: str) -> str:
    numen = cell if NUMEN_PATTERN.fullmatch(cell) else clean_numen(cell)
    if numen is None:
        raise CellRefused(words.NUMEN_MALFORMED)
    return numen


def parse_phone_cell(cell: str) -> str | None:
    phone = PHONE_SIGNS.sub("", cell)
    if phone and not PHONE_PATTERN.fullmatch(phone):
        raise CellRefused(words.PHONE_UNREADABLE.fill({"fewest": PHONE_DIGITS[0], "most": PHONE_DIGITS[1]}))
    return phone or None


def parse_first_verifier(cell: str) -> str | None:
    verifier = cell.strip()
    if verifier and parse_initial_verifier(verifier) is None:
        raise CellRefused(words.VERIFIER_UNREADABLE)
    return verifier or None


def parse_language(cell: str) -> Language:
    language = NAMED_LANGUAGES.get(cell.strip().lower())
    if language is None:
        raise CellRefused(words.LANGUAGE_UNKNOWN)
    return language
