"""`retrouve journal`: verifies it, exports it for the electoral board, shows its public key."""

import sys
from datetime import datetime
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NoReturn

import click

from cli.house import IN_FOLDER, open_house
from cli.stopping import tidy_when_stopped
from cli.words import tell
from core import purposes
from core.adapters.journal_export import Board, export
from core.adapters.signing import genuine
from core.bootstrap import House
from core.journal import checkpoints
from core.journal.checkpoints import Statement
from core.journal.findings import Finding
from core.journal.telling import told
from core.journal.verifying import Examination
from core.ports import Transaction
from core.text import Moment, Text
from core.words import journal as words
from core.words import journal_export as export_words

SHOWN = 50
Outside = tuple[tuple[Statement, bytes], ...]


@click.group(help=tell(words.HELP))
def journal() -> None:
    """The commands about the journal."""


@journal.command(help=tell(words.VERIFY_HELP))
@click.option(
    "--checkpoint",
    "files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=tell(words.CHECKPOINT_HELP),
)
@IN_FOLDER
def verify(files: tuple[Path, ...], directory: Path) -> None:
    """Says what was found; the exit status is 1 when anything was."""
    outside = tuple(each for file in files for each in _checkpoints_in(file))
    house = open_house(directory)
    with house.store.read() as transaction:
        found = examine(house, transaction, outside)
    sys.exit(1 if found else 0)


def examine(house: House, transaction: Transaction, outside: Outside = ()) -> int:
    """Verifies and tells; returns how many findings there were."""
    length = transaction.chain.end().position
    with click.progressbar(length=length, label=tell(words.VERIFYING), file=sys.stderr) as bar:
        key = house.vault.public_key(purposes.JOURNAL)
        examination = Examination(transaction.chain, key, genuine, outside, bar.update)
        findings = examination.findings()
        first = list(islice(findings, SHOWN))
        left = sum(1 for _ in findings)
    _tell_findings(house, first, left)
    _tell_extent(house, transaction, examination)
    if not first:
        for said, _ in outside:
            _say(words.CONFIRMED, checkpoint=str(said.number), made_at=_made(house, said))
    if not outside:
        _say(words.ONLY_FROM_INSIDE)
    return len(first) + left


def _checkpoints_in(file: Path) -> Outside:
    """What a file from the board holds; leaves with status 2 when that is nothing."""
    try:
        found = checkpoints.found(file.read_text("utf-8", errors="replace"))
    except OSError as failure:
        click.echo(tell(words.FILE_UNREADABLE.fill({"path": str(file), "detail": failure.strerror})), err=True)
        sys.exit(2)
    if not found:
        click.echo(tell(words.FILE_WITHOUT_CHECKPOINT.fill({"path": str(file)})), err=True)
        sys.exit(2)
    return found


def _tell_findings(house: House, first: list[Finding], left: int) -> None:
    _say(words.NOT_SOUND if first else words.SOUND)
    for finding in first:
        _say(told(finding, house.calendar.local))
    if left:
        _say(words.more_findings(left))


def _tell_extent(house: House, transaction: Transaction, examination: Examination) -> None:
    place, tail = examination.walk.place, examination.tail
    _say(words.sealed(place) if place else words.NOTHING_SEALED)
    last = transaction.chain.checkpoint()
    said = None if last is None else checkpoints.read(last.statement)
    if said is not None:
        _say(words.LAST_CHECKPOINT, checkpoint=str(said.number), made_at=_made(house, said))
    elif last is None:
        _say(words.NO_CHECKPOINT)
    if tail.oldest is None:
        _say(words.NO_TAIL)
    else:
        _say(words.tail(tail.lines), at=Moment(house.calendar.local(tail.oldest)))


@journal.command("export", help=tell(export_words.HELP))
@click.argument("folder", type=click.Path(path_type=Path))
@IN_FOLDER
def export_(folder: Path, directory: Path) -> None:
    """Writes it; the folder is whole, or is not there."""
    tidy_when_stopped()
    if folder.exists():
        _refuse(export_words.FOLDER_THERE.fill({"folder": str(folder)}))
    house = open_house(directory)
    try:
        with TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.absolute().parent) as temporary:
            lines = _export(house, Path(temporary) / folder.name)
            (Path(temporary) / folder.name).rename(folder)
    except OSError as failure:
        _refuse(export_words.IMPOSSIBLE.fill({"detail": failure.strerror or str(failure)}))
    for sentence in (export_words.exported(lines), export_words.DONE, export_words.NOT_IN_IT):
        _say(sentence, folder=str(folder))


def _export(house: House, folder: Path) -> int:
    folder.mkdir(mode=0o700)
    now = house.calendar.local(house.clock.now())
    facts = {"election": house.election.name, "site": house.election.site, "made_at": Moment(now)}
    board = Board(say=tell, local=house.calendar.local, facts=facts)
    with house.store.read() as transaction:
        length = transaction.chain.end().position
        with click.progressbar(length=length, label=tell(export_words.EXPORTING), file=sys.stderr) as bar:
            return export(folder, transaction.chain, board, house.vault.public_key(purposes.JOURNAL), bar.update)


def _refuse(sentence: Text) -> NoReturn:
    click.echo(tell(sentence), err=True)
    sys.exit(1)


@journal.command(help=tell(words.KEY_HELP))
@IN_FOLDER
def key(directory: Path) -> None:
    """In the letters that checkpoints show it in."""
    _say(words.KEY_EXPLAINED)
    click.echo(open_house(directory).vault.public_key(purposes.JOURNAL).hex())


def _made(house: House, said: Statement) -> Moment | str:
    """When a checkpoint says that it was made; as it says it, where that is no moment."""
    try:
        return Moment(house.calendar.local(datetime.fromisoformat(said.made)))
    except ValueError:
        return said.made


def _say(sentence: Text, **facts: object) -> None:
    click.echo(tell(sentence.fill(facts)))
