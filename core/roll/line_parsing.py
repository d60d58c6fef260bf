"""Parses the lines of an electoral roll file into entries for the database."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from core.ports import RollEntry, Vault
from core.roll.cell_parsers import CellRefused
from core.roll.roll_columns import RollColumn, cell_parser
from core.security.digests import PlatformPseudonyms, birth_date_digest, numen_digest, phone_digest
from core.text.text import Text


class RollLineParser:
    def __init__(
        self, columns: Sequence[RollColumn], vault: Vault, pseudonyms: PlatformPseudonyms, today: date
    ) -> None:
        self._parsers = [(column.value, cell_parser(column, today)) for column in columns]
        self._vault = vault
        self._pseudonyms = pseudonyms
        self.width = len(columns)

    def parse_cells(self, cells: list[str]) -> tuple[dict[str, Any], list[tuple[str, Text]]]:
        values: dict[str, Any] = {}
        wrong: list[tuple[str, Text]] = []
        for (name, parse), cell in zip(self._parsers, cells, strict=True):
            try:
                values[name] = parse(cell)
            except CellRefused as why:
                wrong.append((cell, why.reason))
        return values, wrong

    def numen_digest(self, numen: str) -> bytes:
        return numen_digest(self._vault, numen)

    def entry(self, values: dict[str, Any]) -> RollEntry:
        numen, birth_date, phone = values["numen"], values["birth_date"], values.get("phone")
        kept = {name: value for name, value in values.items() if name not in {"numen", "birth_date", "phone"}}
        return RollEntry(
            birth_date_digest=birth_date_digest(self._vault, birth_date, numen),
            numen_digest=self.numen_digest(numen),
            pseudonym=self._pseudonyms.stored_pseudonym(numen),
            phone_digest=phone_digest(self._vault, phone) if phone else None,
            phone_ending=phone[-2:] if phone else None,
            **kept,
        )
