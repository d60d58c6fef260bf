"""One parser for each column of a roll: it turns the text of a cell into a value, or raises CellRefused."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache

from core.forms import errors
from core.forms.model import Rejected
from core.forms.parsers import ADDRESS_MAXIMUM, NUMEN_PATTERN, calendar_date, clean_numen, parse_address
from core.roll import roll_text as words
from core.roll.columns import NAMES, RollColumn
from core.security.voting_identifiers import read_first_verifier
from core.text.languages import LANGUAGES
from core.text.text import Language, Text

YOUNGEST, OLDEST = 14, 110
"""Years. A birth date outside these ages is a typing error, not a public employee."""
SHARED_MAXIMUM = 50_000
"""Number of distinct cells of one column that are remembered with their parsed value."""
PHONE_DIGITS = (8, 15)
"""The digits of the shortest national numbers and of the longest of ITU-T E.164."""
PHONE_PATTERN = re.compile(rf"\+?[0-9]{{{PHONE_DIGITS[0]},{PHONE_DIGITS[1]}}}")
PHONE_SIGNS = re.compile(r"[\s.()/\-]")
PLAIN_LOCAL_PART = re.compile(r"(?=.{1,64}@)[a-z0-9]+(?:[._\-][a-z0-9]+)*@", re.ASCII)
LOCAL_PART_MAXIMUM = 64
"""RFC 5321 section 4.5.3.1.1: a mail server may refuse a longer one."""
NAME_MAXIMUM = 200
"""Characters of a name. What is longer is another column's text."""
NAMED_LANGUAGES = {name: language for language, facts in LANGUAGES.items() for name in facts.roll_names}


class CellRefused(Exception):
    """The text of a cell cannot be taken."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.msgid)
        self.reason = reason


def cell_parsers(today: date) -> Mapping[RollColumn, Callable[[str], object]]:
    """Return the parser of each column; ages are counted at `today`."""
    # A million persons share some 30,000 birth dates, fewer first names, and not many more family names.
    shared = lru_cache(maxsize=SHARED_MAXIMUM)
    return {
        RollColumn.EMAIL: address_parser(),
        RollColumn.LAST_NAME: shared(_required(RollColumn.LAST_NAME, _plain_text)),
        RollColumn.FIRST_NAME: shared(_required(RollColumn.FIRST_NAME, _plain_text)),
        RollColumn.BIRTH_DATE: shared(_required(RollColumn.BIRTH_DATE, lambda cell: _birth_date(cell, today))),
        RollColumn.NUMEN: _required(RollColumn.NUMEN, _numen),
        RollColumn.PHONE: _phone,
        RollColumn.ACADEMIE: shared(lambda cell: _plain_text(cell) or None),
        RollColumn.LANGUAGE: shared(_language),
        RollColumn.FIRST_VERIFIER: _first_verifier,
    }


def address_parser() -> Callable[[str], str]:
    """Return a parser of addresses that remembers domains: `parse_address` alone takes 30 s for a million."""
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
    except errors.AddressMissing:
        raise CellRefused(words.MISSING.fill({"column": NAMES[RollColumn.EMAIL]})) from None
    except errors.AddressOddCharacter as odd:
        raise CellRefused(words.ADDRESS_ODD_CHARACTER.fill(odd.reason.params)) from None
    except Rejected:
        raise CellRefused(words.ADDRESS_UNREADABLE) from None
    if key.index("@") > LOCAL_PART_MAXIMUM:
        raise CellRefused(words.LOCAL_PART_TOO_LONG.fill({"maximum": LOCAL_PART_MAXIMUM}))
    return key


def _required(column: RollColumn, parse: Callable[[str], object]) -> Callable[[str], object]:
    missing = words.MISSING.fill({"column": NAMES[column]})

    def parse_required(cell: str) -> object:
        if not cell.strip():
            raise CellRefused(missing)
        return parse(cell)

    return parse_required


def _plain_text(cell: str) -> str:
    text = " ".join(unicodedata.normalize("NFC", cell).split())
    if not text.isprintable():
        raise CellRefused(words.INVISIBLE_CHARACTER)
    if len(text) > NAME_MAXIMUM:
        raise CellRefused(words.NAME_TOO_LONG.fill({"maximum": NAME_MAXIMUM}))
    return text


def _birth_date(cell: str, today: date) -> date:
    born = calendar_date(cell)
    if born is None:
        raise CellRefused(words.NOT_A_DATE)
    if born > today:
        raise CellRefused(words.BORN_LATER)
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    if not YOUNGEST <= age <= OLDEST:
        raise CellRefused(words.UNLIKELY_AGE.fill({"age": age, "youngest": YOUNGEST, "oldest": OLDEST}))
    return born


def _numen(cell: str) -> str:
    numen = cell if NUMEN_PATTERN.fullmatch(cell) else clean_numen(cell)
    if numen is None:
        raise CellRefused(words.NUMEN_MALFORMED)
    return numen


def _phone(cell: str) -> str | None:
    phone = PHONE_SIGNS.sub("", cell)
    if phone and not PHONE_PATTERN.fullmatch(phone):
        raise CellRefused(words.PHONE_UNREADABLE.fill({"fewest": PHONE_DIGITS[0], "most": PHONE_DIGITS[1]}))
    return phone or None


def _first_verifier(cell: str) -> str | None:
    """Refuse what is no verifier, because only the voter would find it out, when voting."""
    written = cell.strip()
    if written and read_first_verifier(written) is None:
        raise CellRefused(words.VERIFIER_UNREADABLE)
    return written or None


def _language(cell: str) -> Language:
    language = NAMED_LANGUAGES.get(cell.strip().lower())
    if language is None:
        raise CellRefused(words.LANGUAGE_UNKNOWN)
    return language
