"""Parse one line of a roll's file into the entry that the store keeps."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import msgspec

from core.ports import RollEntry, Vault
from core.roll.cell_parsers import CellRefused
from core.roll.roll_columns import RollColumn, cell_parser
from core.roll.spooled_roll import pack_entry
from core.security.personal_data_digests import birth_date_digest, numen_digest, phone_digest
from core.security.pseudonyms_on_platform import PlatformPseudonyms
from core.text.text import Text

Cells = list[str] | None
"""The cells of a record; None where its quotes do not match."""


class ParsedLine(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A valid line: the two values that must be unique, and the packed entry."""

    email: str
    numen_digest: bytes
    packed: bytes


class RollLineParser:
    """Parses lines that have these columns."""

    def __init__(
        self, columns: Sequence[RollColumn], vault: Vault, pseudonyms: PlatformPseudonyms, today: date
    ) -> None:
        self._parsers = [(column.value, cell_parser(column, today)) for column in columns]
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
        values, wrong = self.parse_cells(cells)
        if wrong:
            return None
        entry = self._entry(values)
        return ParsedLine(entry.email, entry.numen_digest, pack_entry(entry))

    def _entry(self, values: dict[str, Any]) -> RollEntry:
        """Replace what identifies a person by keyed digests; every other cell is kept as it is."""
        numen, birth_date, phone = values.pop("numen"), values.pop("birth_date"), values.pop("phone", None)
        return RollEntry(
            birth_date_digest=birth_date_digest(self._vault, birth_date, numen),
            numen_digest=self.numen_digest(numen),
            pseudonym=self._pseudonyms.stored_pseudonym(numen),
            phone_digest=phone_digest(self._vault, phone) if phone else None,
            phone_ending=phone[-2:] if phone else None,
            **values,
        )
