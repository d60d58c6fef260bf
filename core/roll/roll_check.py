from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, BinaryIO

from core.ports import Vault
from core.roll import sentences as words
from core.roll.line_parsing import RollLineParser
from core.roll.roll_csv_reader import column_refusal_facts, open_roll_csv
from core.roll.sentences import EmptyRoll, RollFaulty, RollLineFault
from core.roll.spooled_roll import SpooledRoll
from core.security.digests import PlatformPseudonyms
from core.text.safe_text import safe_text
from core.text.text import Text

FAULTS_KEPT = 200
LINES_A_REPORT = 1_000
VALUE_SHOWN = 80
"""Maximum number of characters to show from a faulty cell."""


def read_roll(
    file: BinaryIO,
    vault: Vault,
    pseudonyms: PlatformPseudonyms,
    *,
    today: date,
    spool: BinaryIO,
    progress: Callable[[int], None] = lambda _: None,
) -> SpooledRoll:
    """Check a seekable CSV file, and store the entries in `spool`.

    Raises RollNotText, EmptyRoll, WrongRollColumns or RollFaulty.
    """
    reported = 0
    with open_roll_csv(file) as table:
        lines = RollLineParser(table.columns, vault, pseudonyms, today)
        check = RollCheck(lines, SpooledRoll(spool))
        for count, (line, cells) in enumerate(table.records(), start=1):
            check.check_line(line, cells)
            if count % LINES_A_REPORT == 0:
                progress(file.tell() - reported)
                reported = file.tell()
        progress(file.tell() - reported)
    return check.finish()


class RollCheck:
    def __init__(self, lines: RollLineParser, roll: SpooledRoll) -> None:
        self._lines = lines
        self._roll = roll
        self._faults: list[RollLineFault] = []
        self._total = 0

    def check_line(self, line: int, cells: list[str] | None) -> None:
        """Check one line. `cells` is None if a quotation mark is missing."""
        self._roll.begin_line(line)
        if cells is None:
            self._fault(line, "", words.QUOTES_ASTRAY)
            return
        if len(cells) != self._lines.width:
            counts = {"found": len(cells), "expected": self._lines.width}
            self._fault(line, " ".join(cells), words.WRONG_NUMBER_OF_CELLS.fill(counts))
            return
        values, unreadable = self._lines.parse_cells(cells)
        for cell, reason in unreadable:
            self._fault(line, cell, reason)
        self._claim(line, values)
        if not self._total:
            self._roll.add(self._lines.entry(values))

    def finish(self) -> SpooledRoll:
        """Return the checked roll. Raises RollFaulty or EmptyRoll."""
        if self._total:
            raise RollFaulty(tuple(self._faults), self._total)
        if not len(self._roll):
            raise EmptyRoll(**column_refusal_facts())
        return self._roll

    def _claim(self, line: int, values: Mapping[str, Any]) -> None:
        if numen := values.get("numen"):
            first = self._roll.claim_numen(self._lines.numen_digest(numen))
            self._check_repeated(line, numen, words.NUMEN_TWICE, first)
        if email := values.get("email"):
            first = self._roll.claim_address(email)
            self._check_repeated(line, email, words.ADDRESS_TWICE, first)

    def _check_repeated(self, line: int, value: str, reason: Text, first: int) -> None:
        if first != line:
            self._fault(line, value, reason.fill({"first": str(first)}))

    def _fault(self, line: int, value: str, reason: Text) -> None:
        self._total += 1
        if len(self._faults) < FAULTS_KEPT:
            shown = safe_text(value[:VALUE_SHOWN])
            self._faults.append(RollLineFault(line, shown + "…" * (len(value) > VALUE_SHOWN), reason))
