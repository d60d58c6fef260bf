import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, BinaryIO, TextIO

from core.roll.roll_columns import COLUMNS, RollColumn, find_column_by_heading
from core.roll.sentences import (
    COLUMN_TWICE,
    MISSING_COLUMNS,
    UNKNOWN_COLUMNS,
    EmptyRoll,
    RollNotText,
    WrongRollColumns,
)
from core.text.text import Text

ENCODINGS = ("utf-8-sig", "cp1252")
SEPARATORS = ";,\t"
CHUNK = 1 << 20


class RollCsvFile:
    def __init__(self, lines: TextIO) -> None:
        """Read the column headings. Raises EmptyRoll or WrongRollColumns."""
        first = next(filter(str.strip, lines), "")
        lines.seek(0)
        self._reader = csv.reader(lines, delimiter=max(SEPARATORS, key=first.count), strict=True)
        self._width = 0
        _, headings = next(self.records(), (0, None))
        self.columns = _columns(headings or [])
        self._width = len(self.columns)

    def records(self) -> Iterator[tuple[int, list[str] | None]]:
        """Yield the line number and cells of each record. Cells are None if a quotation mark is missing."""
        while True:
            line = self._reader.line_num + 1
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error:
                yield line, None
                continue
            if any(map(str.strip, cells)):
                while len(cells) > self._width and not cells[-1].strip():
                    cells.pop()
                yield line, cells


@contextmanager
def open_roll_csv(file: BinaryIO) -> Iterator[RollCsvFile]:
    lines = io.TextIOWrapper(file, encoding=_encoding(file), newline="")
    try:
        yield RollCsvFile(lines)
    finally:
        lines.detach()


def _encoding(file: BinaryIO) -> str:
    encoding = next((name for name in ENCODINGS if _is_text(file, name)), None)
    if encoding is None:
        raise RollNotText
    file.seek(0)
    return encoding


def _is_text(file: BinaryIO, encoding: str) -> bool:
    file.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        # UTF-16 and spreadsheet formats contain NUL; CSV does not.
        clean = all("\0" not in decoder.decode(chunk) for chunk in iter(partial(file.read, CHUNK), b""))
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return clean


def _columns(headings: Sequence[str]) -> tuple[RollColumn, ...]:
    if not headings:
        raise EmptyRoll(**column_refusal_facts())
    columns = [find_column_by_heading(heading) for heading in headings]
    _refuse(UNKNOWN_COLUMNS, headings, [h for h, column in zip(headings, columns, strict=True) if column is None])
    known = tuple(column for column in columns if column is not None)
    _refuse(COLUMN_TWICE, headings, [h for h, column in zip(headings, known, strict=True) if known.count(column) > 1])
    _refuse(
        MISSING_COLUMNS,
        headings,
        [each.name for column, each in COLUMNS.items() if each.required and column not in known],
    )
    return known


def _refuse(sentence: Text, headings: Sequence[str], wrong: Sequence[str | Text]) -> None:
    if wrong:
        names = join_column_names(f"« {name} »" if isinstance(name, str) else name for name in wrong)
        raise WrongRollColumns(
            wrong=sentence.fill({"names": names}), found=", ".join(headings), **column_refusal_facts()
        )


def column_refusal_facts() -> dict[str, Any]:
    return {
        "expected": join_column_names(each.name for each in COLUMNS.values() if each.required),
        "optional": join_column_names(each.name for each in COLUMNS.values() if not each.required),
    }


def join_column_names(names: Iterable[str | Text]) -> Text:
    by_key = {f"name{position}": name for position, name in enumerate(names)}
    return Text(", ".join(f"{{{key}}}" for key in by_key), None, by_key)
