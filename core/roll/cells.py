"""One parser for each column of a roll: from the text of a cell to a value that cannot be wrong, or Wrong."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache

from core import errors
from core.answers import ADDRESS_MAXIMUM, NUMEN_PATTERN, calendar_date, clean_numen, parse_address
from core.identifiers import read_first_verifier
from core.roll import words
from core.roll.columns import NAMES, Column
from core.steps import Rejected
from core.text import Language, Text

YOUNGEST, OLDEST = 14, 110
"""Years; a birth date outside is a slip of the keyboard, not a public employee."""
SHARED_MAXIMUM = 50_000
"""Cells of one column whose reading is remembered."""
PHONE_DIGITS = (8, 15)
"""From the shortest national numbers to the longest of ITU-T E.164."""
PHONE_PATTERN = re.compile(rf"\+?[0-9]{{{PHONE_DIGITS[0]},{PHONE_DIGITS[1]}}}")
PHONE_SIGNS = re.compile(r"[\s.()/\-]")
PLAIN_LOCAL_PART = re.compile(r"(?=.{1,64}@)[a-z0-9]+(?:[._\-][a-z0-9]+)*@", re.ASCII)
LANGUAGES = {
    **dict.fromkeys(("", "fr", "français", "francais", "french"), Language.FRENCH),
    **dict.fromkeys(("en", "anglais", "english"), Language.ENGLISH),
}


class Wrong(Exception):
    """The text of one cell cannot be taken."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.msgid)
        self.reason = reason


def cell_parsers(today: date) -> Mapping[Column, Callable[[str], object]]:
    """The parser of each column; ages are counted at `today`."""
    # A million persons share some 30,000 birth dates, fewer first names, and not many more family names.
    shared = lru_cache(maxsize=SHARED_MAXIMUM)
    return {
        Column.EMAIL: address_parser(),
        Column.LAST_NAME: shared(_required(Column.LAST_NAME, _plain_text)),
        Column.FIRST_NAME: shared(_required(Column.FIRST_NAME, _plain_text)),
        Column.BIRTH_DATE: shared(_required(Column.BIRTH_DATE, lambda cell: _birth_date(cell, today))),
        Column.NUMEN: _required(Column.NUMEN, _numen),
        Column.PHONE: _phone,
        Column.ACADEMIE: shared(lambda cell: _plain_text(cell) or None),
        Column.LANGUAGE: shared(_language),
        Column.FIRST_VERIFIER: _first_verifier,
    }


def address_parser() -> Callable[[str], str]:
    """Reads an address into its key. It remembers the domains met: `parse_address` alone takes 30 s for a million."""
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
        return parse_address(cell, example=words.EXAMPLE_ADDRESS).key
    except errors.AddressMissing:
        raise Wrong(words.MISSING.fill({"column": NAMES[Column.EMAIL]})) from None
    except errors.AddressOddCharacter as odd:
        raise Wrong(words.ADDRESS_ODD_CHARACTER.fill(odd.reason.params)) from None
    except Rejected:
        raise Wrong(words.ADDRESS_UNREADABLE) from None


def _required(column: Column, parse: Callable[[str], object]) -> Callable[[str], object]:
    missing = words.MISSING.fill({"column": NAMES[column]})

    def parse_required(cell: str) -> object:
        if not cell.strip():
            raise Wrong(missing)
        return parse(cell)

    return parse_required


def _plain_text(cell: str) -> str:
    text = " ".join(unicodedata.normalize("NFC", cell).split())
    if not text.isprintable():
        raise Wrong(words.INVISIBLE_CHARACTER)
    return text


def _birth_date(cell: str, today: date) -> date:
    born = calendar_date(cell)
    if born is None:
        raise Wrong(words.NOT_A_DATE)
    if born > today:
        raise Wrong(words.BORN_LATER)
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    if not YOUNGEST <= age <= OLDEST:
        raise Wrong(words.UNLIKELY_AGE.fill({"age": age, "youngest": YOUNGEST, "oldest": OLDEST}))
    return born


def _numen(cell: str) -> str:
    numen = cell if NUMEN_PATTERN.fullmatch(cell) else clean_numen(cell)
    if numen is None:
        raise Wrong(words.NUMEN_MALFORMED)
    return numen


def _phone(cell: str) -> str | None:
    phone = PHONE_SIGNS.sub("", cell)
    if phone and not PHONE_PATTERN.fullmatch(phone):
        raise Wrong(words.PHONE_UNREADABLE.fill({"fewest": PHONE_DIGITS[0], "most": PHONE_DIGITS[1]}))
    return phone or None


def _first_verifier(cell: str) -> str | None:
    """A wrong one would be found out by the voter, at the ballot."""
    written = cell.strip()
    if written and read_first_verifier(written) is None:
        raise Wrong(words.VERIFIER_UNREADABLE)
    return written or None


def _language(cell: str) -> Language:
    language = LANGUAGES.get(cell.strip().lower())
    if language is None:
        raise Wrong(words.LANGUAGE_UNKNOWN)
    return language
