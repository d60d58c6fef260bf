"""`retrouve roll`: the electoral roll, imported from a CSV file."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

import click

from cli.words import tell
from core.errors import Refusal
from core.pseudonyms import Pseudonyms
from core.roll import words
from core.roll.changes import Changes, compare
from core.roll.changes import apply as apply_changes
from core.roll.check import read_roll
from core.roll.corrections import Correction
from core.roll.file import listed
from core.roll.new_roll import NewRoll
from core.roll.words import RollFaulty
from core.service.tools import Tools
from core.text import Text

CORRECTIONS_SHOWN = 50
Echo = Callable[[str], None]


@click.group(help=tell(words.ROLL_HELP))
def roll() -> None:
    """The commands about the roll."""


@roll.command("import", help=tell(words.IMPORT_HELP))
@click.argument("path", metavar="FILE.csv", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--apply", "wanted", is_flag=True, help=tell(words.APPLY_HELP))
@click.option("--dir", "directory", type=click.Path(path_type=Path), default=Path(), help=tell(words.DIRECTORY_HELP))
def import_(path: Path, directory: Path, *, wanted: bool) -> None:
    """Opens the house and imports."""
    from cli.house import open_house  # noqa: PLC0415  # opens a database: `--help` need not load one

    house = open_house(directory)
    try:
        status = import_roll(path, house.tools, house.pseudonyms, scratch=directory, wanted=wanted, echo=click.echo)
    except OSError as failure:
        sys.exit(tell(words.IMPOSSIBLE.fill({"detail": failure.strerror or str(failure)})))
    sys.exit(status)


def import_roll(path: Path, tools: Tools, pseudonyms: Pseudonyms, *, scratch: Path, wanted: bool, echo: Echo) -> int:
    """Imports the file at once on an empty roll, otherwise only if `wanted`. Returns the exit status.

    What is read waits in a nameless file in the folder `scratch`. Raises OSError.
    """
    with TemporaryFile(dir=scratch) as spool:
        try:
            new_roll = _read(path, tools, pseudonyms, spool)
        except RollFaulty as refused:
            _tell_faults(refused, echo)
            return 1
        except Refusal as refused:
            _tell_refusal(refused, echo)
            return 1
        _settle(new_roll, tools, wanted=wanted, echo=echo)
    return 0


def _read(path: Path, tools: Tools, pseudonyms: Pseudonyms, spool: BinaryIO) -> NewRoll:
    today = tools.clock.now().date()
    with path.open("rb") as file, _bar(words.READING, path.stat().st_size) as advance:
        return read_roll(file, tools.vault, pseudonyms, today=today, spool=spool, progress=advance)


def _settle(new_roll: NewRoll, tools: Tools, *, wanted: bool, echo: Echo) -> None:
    with tools.store.read() as transaction:
        empty = next(iter(transaction.roll.entries()), None) is None
    # Looking must not make voters wait for a writer's turn; applying must compare with what it will change.
    with tools.store.write() if wanted or empty else tools.store.read() as transaction:
        changes = compare(transaction.roll.entries(), new_roll, transaction.roll.leavers())
        applying = bool(changes.total) and (wanted or changes.first)
        if applying:
            with _bar(words.WRITING, changes.total) as advance:
                apply_changes(transaction, changes, tools.clock.now(), advance)
    _tell_changes(changes, echo)
    echo(tell(_conclusion(changes, applied=applying)))


def _conclusion(changes: Changes, *, applied: bool) -> Text:
    if not changes.total:
        return words.NOTHING_TO_CHANGE
    return words.APPLIED if applied else words.NOT_APPLIED


def _tell_refusal(refused: Refusal, echo: Echo) -> None:
    for sentence in (refused.title, *refused.remedy):
        echo(tell(sentence.fill(refused.facts)))


def _tell_faults(refused: RollFaulty, echo: Echo) -> None:
    _tell_refusal(refused, echo)
    for fault in refused.faults:
        echo(tell(fault.sentence()))
    _tell_more(refused.total - len(refused.faults), echo)
    echo(tell(words.faults_counted(refused.total)))


def _tell_changes(changes: Changes, echo: Echo) -> None:
    echo(tell(words.unchanged(changes.unchanged)))
    echo(tell(words.added(len(changes.added))))
    if changes.returned:
        echo(tell(words.returned(len(changes.returned))))
    echo(tell(words.removed(len(changes.removed))))
    echo(tell(words.corrected(len(changes.corrected))))
    for correction in changes.corrected[:CORRECTIONS_SHOWN]:
        echo(tell(_correction(changes.roll, correction)))
    _tell_more(len(changes.corrected) - CORRECTIONS_SHOWN, echo)


def _correction(new_roll: NewRoll, correction: Correction) -> Text:
    return words.CORRECTION.fill(
        {
            "line": new_roll.line(correction.position),
            "address": _masked(new_roll[correction.position].email),
            "columns": listed(correction.labels),
        }
    )


def _masked(address: str) -> str:
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}•••@{domain}"


def _tell_more(count: int, echo: Echo) -> None:
    if count > 0:
        echo(tell(words.more(count)))


@contextmanager
def _bar(label: Text, length: int) -> Iterator[Callable[[int], None]]:
    with click.progressbar(length=length, label=tell(label), file=sys.stderr) as bar:
        yield bar.update
