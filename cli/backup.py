"""`retrouve backup`: the election of a folder in one file, while it is in use."""

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory

import click
from sqlalchemy.engine import make_url

from cli.house import IN_FOLDER
from cli.stopping import tidy_when_stopped
from cli.words import tell
from core import settings
from core.adapters import archive, keys
from core.adapters.key_changes import locked
from core.adapters.sql import snapshot
from core.settings import SettingsRefused
from core.text import Moment, Text
from core.words import backup as words


class NotBackedUp(Exception):
    """Nothing was made; `sentence` says why."""

    def __init__(self, sentence: Text) -> None:
        super().__init__(sentence.msgid)
        self.sentence = sentence


@click.command(help=tell(words.BACKUP_HELP))
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@IN_FOLDER
def backup(file: Path, directory: Path) -> None:
    """Makes it and says that it holds the key."""
    tidy_when_stopped()
    try:
        with _failures_told():
            made = back_up(directory, file)
    except NotBackedUp as refused:
        click.echo(tell(refused.sentence.fill({"file": str(file)})), err=True)
        sys.exit(1)
    facts = {"file": str(file), "made": Moment(made.astimezone())}
    for sentence in (words.DONE, words.HOLDS_THE_KEY, words.NOT_IN_IT):
        click.echo(tell(sentence.fill(facts)))


def back_up(folder: Path, file: Path) -> datetime:
    """Makes it and returns of which instant it is. Raises NotBackedUp, SettingsRefused, KeysRefused, OSError."""
    if file.exists():
        raise NotBackedUp(words.FILE_THERE)
    database = _database_of(folder)
    with TemporaryDirectory(prefix=f".{file.name}.", dir=file.absolute().parent) as temporary:
        beside = Path(temporary)
        (beside / "files").mkdir()
        made = _gather(folder, database, beside / "files")
        archive.pack(
            beside / "archive",
            sorted((beside / "files").iterdir()),
            database=database.name,
            made=made,
            version=version("retrouve"),
        )
        if file.exists():
            raise NotBackedUp(words.FILE_THERE)
        (beside / "archive").rename(file)
    return made


def _database_of(folder: Path) -> Path:
    """The file of the embedded database."""
    url = make_url(settings.load(folder).database_url)
    if url.get_backend_name() != "sqlite" or url.database is None:
        raise NotBackedUp(words.NOT_EMBEDDED)
    path = Path(url.database)
    if path.resolve().parent != folder.resolve():
        raise NotBackedUp(words.NOT_IN_FOLDER.fill({"path": str(path)}))
    return path


def _gather(folder: Path, database: Path, files: Path) -> datetime:
    """Copies the parts. No key comes or goes meanwhile: the key file opens what this very database seals."""
    with locked(folder / keys.FILE) as key_file:
        keys.read(key_file)
        made = datetime.now(UTC)
        _snapshot(database, files / database.name)
        copyfile(key_file, files / keys.FILE)
    copyfile(folder / settings.FILE, files / settings.FILE)
    if (detail := snapshot.damage(files / database.name)) is not None:
        raise NotBackedUp(words.SOURCE_DAMAGED.fill({"detail": detail}))
    return made


def _snapshot(database: Path, copy: Path) -> None:
    with click.progressbar(length=1, label=tell(words.COPYING), file=sys.stderr) as bar:

        def advance(copied: int, total: int) -> None:
            bar.length = total
            bar.update(copied - bar.pos)

        snapshot.take(database, copy, advance)


@contextmanager
def _failures_told() -> Iterator[None]:
    try:
        yield
    except SettingsRefused as refused:
        raise NotBackedUp(refused.faults[0].sentence()) from refused
    except keys.KeysRefused as refused:
        raise NotBackedUp(refused.reason) from refused
    except (OSError, sqlite3.Error) as failure:
        raise NotBackedUp(words.IMPOSSIBLE.fill({"detail": str(failure)})) from failure
