"""One line of a roll's file by itself: its cells read, and the entry that they make."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import msgspec

from core.digests import birth_date_digest, numen_digest, phone_digest
from core.ports import Entry, Vault
from core.pseudonyms import Pseudonyms
from core.roll.cells import Wrong, cell_parsers
from core.roll.columns import Column
from core.roll.new_roll import packed
from core.text import Language, Text

Cells = list[str] | None
"""None stands for a record whose quotes are astray."""


class Person(msgspec.Struct, kw_only=True, gc=False):
    """A line of the file, read. It lives until its entry is made."""

    email: str
    last_name: str
    first_name: str
    birth_date: date
    numen: str
    phone: str | None = None
    academie: str | None = None
    language: Language = Language.FRENCH
    first_verifier: str | None = None


class Sound(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A line in which nothing is wrong: what nobody else may have, and its entry as a roll keeps it."""

    email: str
    numen_digest: bytes
    packed: bytes


class Lines:
    """Reads lines of these columns."""

    def __init__(self, columns: Sequence[Column], vault: Vault, pseudonyms: Pseudonyms, today: date) -> None:
        parsers = cell_parsers(today)
        self._parsers = [(column.value, parsers[column]) for column in columns]
        self._vault = vault
        self._pseudonyms = pseudonyms
        self.width = len(columns)
        """How many cells a line has."""

    def sound(self, lines: Iterable[Cells]) -> list[Sound | None]:
        """What the lines make; None for each in which something is wrong."""
        return [self._sound(cells) for cells in lines]

    def readable(self, cells: list[str]) -> tuple[dict[str, Any], list[tuple[str, Text]]]:
        """What can be read of a line of that width, by field, and each cell that cannot, with the reason."""
        values: dict[str, Any] = {}
        wrong: list[tuple[str, Text]] = []
        for (name, parse), cell in zip(self._parsers, cells, strict=True):
            try:
                values[name] = parse(cell)
            except Wrong as why:
                wrong.append((cell, why.reason))
        return values, wrong

    def numen_digest(self, numen: str) -> bytes:
        """Of one that was read."""
        return numen_digest(self._vault, numen)

    def _sound(self, cells: Cells) -> Sound | None:
        if cells is None or len(cells) != self.width:
            return None
        values: dict[str, Any]
        try:
            values = {name: parse(cell) for (name, parse), cell in zip(self._parsers, cells, strict=True)}
        except Wrong:
            return None
        entry = self._entry(Person(**values))
        return Sound(entry.email, entry.numen_digest, packed(entry))

    def _entry(self, person: Person) -> Entry:
        return Entry(
            email=person.email,
            last_name=person.last_name,
            first_name=person.first_name,
            birth_date_digest=birth_date_digest(self._vault, person.birth_date, person.numen),
            numen_digest=self.numen_digest(person.numen),
            pseudonym=self._pseudonyms.kept(person.numen),
            phone_digest=phone_digest(self._vault, person.phone) if person.phone else None,
            phone_ending=person.phone[-2:] if person.phone else None,
            academie=person.academie,
            language=person.language,
            first_verifier=person.first_verifier,
        )
