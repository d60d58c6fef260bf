"""Checks every line of a roll's file, all or nothing, and keeps of a person only what the store may hold."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import date
from typing import Any, BinaryIO

from core.ports import Vault
from core.pseudonyms import Pseudonyms
from core.roll import words
from core.roll.file import expectations, open_table
from core.roll.lines import Cells, Lines, Sound
from core.roll.new_roll import NewRoll
from core.roll.readers import Batch, read_together
from core.roll.words import Fault, RollEmpty, RollFaulty
from core.text import Text

FAULTS_KEPT = 200
"""More than anyone reads at once; the others are only counted."""
VALUE_SHOWN = 80
"""Characters; a stray quote can make a cell of a whole page."""


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
    reported = 0
    with open_table(file) as table:
        lines = Lines(table.columns, vault, pseudonyms, today)
        check = Check(lines, NewRoll(spool))
        with closing(read_together(table.records(), lines.sound)) as batches:
            for batch, sound in batches:
                check.lines(batch, sound)
                progress(file.tell() - reported)
                reported = file.tell()
        progress(file.tell() - reported)
    return check.outcome()


class Check:
    """The state of a reading: the persons so far, and what is wrong so far."""

    def __init__(self, lines: Lines, roll: NewRoll) -> None:
        self._lines = lines
        self._roll = roll
        self._faults: list[Fault] = []
        self._total = 0

    def lines(self, batch: Batch, made: Sequence[Sound | None]) -> None:
        """Takes the next records, and what each makes."""
        for (line, cells), sound in zip(batch, made, strict=True):
            self._roll.begin(line)
            if sound is None:
                self._wrong(line, cells)
            elif not self._alone(line, sound):
                self._claim(line, self._lines.readable(cells or [])[0])
            elif not self._total:
                self._roll.add(sound.packed)

    def outcome(self) -> NewRoll:
        """The roll, if nothing was wrong. Raises RollFaulty, RollEmpty."""
        if self._total:
            raise RollFaulty(tuple(self._faults), self._total)
        if not len(self._roll):
            raise RollEmpty(**expectations())
        return self._roll

    def _alone(self, line: int, sound: Sound) -> bool:
        numen, address = self._roll.claim_numen(sound.numen_digest), self._roll.claim_address(sound.email)
        return numen == address == line

    def _wrong(self, line: int, cells: Cells) -> None:
        if cells is None:
            self._fault(line, "", words.QUOTES_ASTRAY)
        elif len(cells) != self._lines.width:
            counts = {"found": len(cells), "expected": self._lines.width}
            self._fault(line, " ".join(cells), words.WRONG_NUMBER_OF_CELLS.fill(counts))
        else:
            values, unreadable = self._lines.readable(cells)
            for cell, reason in unreadable:
                self._fault(line, cell, reason)
            self._claim(line, values)

    def _claim(self, line: int, values: Mapping[str, Any]) -> None:
        """Tells which of a line's values an earlier one has."""
        if numen := values.get("numen"):
            first = self._roll.claim_numen(self._lines.numen_digest(numen))
            self._twice(line, numen, words.NUMEN_TWICE, first)
        if email := values.get("email"):
            first = self._roll.claim_address(email)
            self._twice(line, email, words.ADDRESS_TWICE, first)

    def _twice(self, line: int, value: str, reason: Text, first: int) -> None:
        if first != line:
            self._fault(line, value, reason.fill({"first": first}))

    def _fault(self, line: int, value: str, reason: Text) -> None:
        self._total += 1
        if len(self._faults) < FAULTS_KEPT:
            shown = "".join(character if character.isprintable() else "�" for character in value[:VALUE_SHOWN])
            self._faults.append(Fault(line, shown + "…" * (len(value) > VALUE_SHOWN), reason))
