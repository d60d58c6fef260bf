"""Checks every line of a roll's file, all or nothing, and keeps of a person only what the store may hold."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, BinaryIO

import msgspec

from core.digests import birth_date_digest, numen_digest, phone_digest
from core.ports import Entry, Vault
from core.pseudonyms import Pseudonyms
from core.roll import words
from core.roll.cells import Wrong, cell_parsers
from core.roll.columns import Column
from core.roll.file import expectations, open_table
from core.roll.new_roll import NewRoll
from core.roll.words import Fault, RollEmpty, RollFaulty
from core.text import Language, Text

FAULTS_KEPT = 200
"""More than anyone reads at once; the others are only counted."""
VALUE_SHOWN = 80
"""Characters; a stray quote can make a cell of a whole page."""
LINES_BETWEEN_REPORTS = 1_000


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


def read_roll(
    file: BinaryIO,
    vault: Vault,
    pseudonyms: Pseudonyms,
    *,
    today: date,
    spool: BinaryIO,
    progress: Callable[[int], None] = lambda _: None,
) -> NewRoll:
    """The persons of a seekable CSV file, kept in `spool`, another; `progress` is told bytes as they are read.

    Raises RollNotText, RollEmpty, RollColumns, RollFaulty.
    """
    with open_table(file) as table:
        check, reported = Check(table.columns, NewRoll(spool), vault, pseudonyms, today), 0
        for ordinal, (line, cells) in enumerate(table.records()):
            check.line(line, cells)
            if ordinal % LINES_BETWEEN_REPORTS == 0:
                progress(file.tell() - reported)
                reported = file.tell()
        progress(file.tell() - reported)
    return check.outcome()


class Check:
    """The state of a reading: the persons so far, and what is wrong so far."""

    def __init__(
        self, columns: Sequence[Column], roll: NewRoll, vault: Vault, pseudonyms: Pseudonyms, today: date
    ) -> None:
        parsers = cell_parsers(today)
        self._parsers = [(column.value, parsers[column]) for column in columns]
        self._vault = vault
        self._pseudonyms = pseudonyms
        self._roll = roll
        self._faults: list[Fault] = []
        self._total = 0

    def line(self, line: int, cells: list[str] | None) -> None:
        """Takes the next record; None stands for one whose quotes are astray."""
        if cells is None:
            self._fault(line, "", words.QUOTES_ASTRAY)
        elif len(cells) != len(self._parsers):
            counts = {"found": len(cells), "expected": len(self._parsers)}
            self._fault(line, " ".join(cells), words.WRONG_NUMBER_OF_CELLS.fill(counts))
        else:
            self._person(line, cells)

    def outcome(self) -> NewRoll:
        """The roll, if nothing was wrong. Raises RollFaulty, RollEmpty."""
        if self._total:
            raise RollFaulty(tuple(self._faults), self._total)
        if not len(self._roll):
            raise RollEmpty(**expectations())
        return self._roll

    def _person(self, line: int, cells: list[str]) -> None:
        values: dict[str, Any]
        try:
            values = {name: parse(cell) for (name, parse), cell in zip(self._parsers, cells, strict=True)}
        except Wrong:
            values = self._readable(line, cells)
        numen = numen_digest(self._vault, values["numen"]) if "numen" in values else None
        self._claim(line, values, numen)
        if numen and not self._total:
            self._roll.add(line, self._entry(Person(**values), numen))

    def _readable(self, line: int, cells: list[str]) -> dict[str, Any]:
        """What can be read of a line in which something is wrong."""
        values: dict[str, Any] = {}
        for (name, parse), cell in zip(self._parsers, cells, strict=True):
            try:
                values[name] = parse(cell)
            except Wrong as wrong:
                self._fault(line, cell, wrong.reason)
        return values

    def _entry(self, person: Person, numen: bytes) -> Entry:
        return Entry(
            email=person.email,
            last_name=person.last_name,
            first_name=person.first_name,
            birth_date_digest=birth_date_digest(self._vault, person.birth_date, person.numen),
            numen_digest=numen,
            pseudonym=self._pseudonyms.kept(person.numen),
            phone_digest=phone_digest(self._vault, person.phone) if person.phone else None,
            phone_ending=person.phone[-2:] if person.phone else None,
            academie=person.academie,
            language=person.language,
            first_verifier=person.first_verifier,
        )

    def _claim(self, line: int, values: dict[str, Any], numen: bytes | None) -> None:
        first = self._roll.claim_numen(numen, line) if numen else line
        if first != line:
            self._fault(line, values["numen"], words.NUMEN_TWICE.fill({"first": first}))
        first = self._roll.claim_address(values["email"], line) if "email" in values else line
        if first != line:
            self._fault(line, values["email"], words.ADDRESS_TWICE.fill({"first": first}))

    def _fault(self, line: int, value: str, reason: Text) -> None:
        self._total += 1
        if len(self._faults) < FAULTS_KEPT:
            shown = "".join(character if character.isprintable() else "�" for character in value[:VALUE_SHOWN])
            self._faults.append(Fault(line, shown + "…" * (len(value) > VALUE_SHOWN), reason))
