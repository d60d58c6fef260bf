"""Parse one line of a roll's file into the entry that the store keeps."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import msgspec

from core.ports import RollEntry, Vault
from core.roll.cell_parsers import CellRefused, cell_parsers
from core.roll.columns import RollColumn
from core.roll.new_roll import pack_entry
from core.security.digests import birth_date_digest, numen_digest, phone_digest
from core.security.pseudonyms import Pseudonyms
from core.text.text import Language, Text

Cells = list[str] | None
"""The cells of a record; None where its quotes do not match."""


class RollPerson(msgspec.Struct, kw_only=True, gc=False):
    """A parsed line of the file; it lives until its entry is made."""

    email: str
    last_name: str
    first_name: str
    birth_date: date
    numen: str
    phone: str | None = None
    academie: str | None = None
    language: Language = Language.FRENCH
    first_verifier: str | None = None


class ParsedLine(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A valid line: the two values that must be unique, and the packed entry."""

    email: str
    numen_digest: bytes
    packed: bytes


class RollLineParser:
    """Parses lines that have these columns."""

    def __init__(self, columns: Sequence[RollColumn], vault: Vault, pseudonyms: Pseudonyms, today: date) -> None:
        parsers = cell_parsers(today)
        self._parsers = [(column.value, parsers[column]) for column in columns]
        self._vault = vault
        self._pseudonyms = pseudonyms
        self.width = len(columns)
        """The number of cells of a line."""

    def parse(self, lines: Iterable[Cells]) -> list[ParsedLine | None]:
        """Return the parsed lines; None for each line with a fault."""
        return [self._sound(cells) for cells in lines]

    def parse_cells(self, cells: list[str]) -> tuple[dict[str, Any], list[tuple[str, Text]]]:
        """Return the values that could be parsed, by field, and each refused cell with its reason."""
        values: dict[str, Any] = {}
        wrong: list[tuple[str, Text]] = []
        for (name, parse), cell in zip(self._parsers, cells, strict=True):
            try:
                values[name] = parse(cell)
            except CellRefused as why:
                wrong.append((cell, why.reason))
        return values, wrong

    def numen_digest(self, numen: str) -> bytes:
        """Return the keyed digest of a NUMEN."""
        return numen_digest(self._vault, numen)

    def _sound(self, cells: Cells) -> ParsedLine | None:
        if cells is None or len(cells) != self.width:
            return None
        values: dict[str, Any]
        try:
            values = {name: parse(cell) for (name, parse), cell in zip(self._parsers, cells, strict=True)}
        except CellRefused:
            return None
        entry = self._entry(RollPerson(**values))
        return ParsedLine(entry.email, entry.numen_digest, pack_entry(entry))

    def _entry(self, person: RollPerson) -> RollEntry:
        return RollEntry(
            email=person.email,
            last_name=person.last_name,
            first_name=person.first_name,
            birth_date_digest=birth_date_digest(self._vault, person.birth_date, person.numen),
            numen_digest=self.numen_digest(person.numen),
            pseudonym=self._pseudonyms.stored_pseudonym(person.numen),
            phone_digest=phone_digest(self._vault, person.phone) if person.phone else None,
            phone_ending=person.phone[-2:] if person.phone else None,
            academie=person.academie,
            language=person.language,
            first_verifier=person.first_verifier,
        )
