"""`retrouve restore`: the election of a backup in a folder that has none."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from cli.house import IN_FOLDER
from cli.stopping import tidy_when_stopped
from cli.words import tell
from core import settings
from core.adapters import archive, keys
from core.adapters.archive import ArchiveDamaged, Contents
from core.adapters.sql import schema, snapshot
from core.adapters.sql.engine import open_engine
from core.text import Moment, Text
from core.words import backup as words

LEFT_BY_SQLITE = ("", "-wal", "-shm", "-journal")
"""A former database's write-ahead log beside a restored one would be taken for its own."""


class NotRestored(Exception):
    """Nothing was written; `sentence` says why."""

    def __init__(self, sentence: Text) -> None:
        super().__init__(sentence.msgid)
        self.sentence = sentence


@click.command(help=tell(words.RESTORE_HELP))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@IN_FOLDER
def restore(file: Path, directory: Path) -> None:
    """Restores, and says what to do next."""
    tidy_when_stopped()
    facts: dict[str, object] = {"file": str(file), "folder": str(directory)}
    try:
        with _failures_told():
            contents = put_back(file, directory)
    except NotRestored as refused:
        click.echo(tell(refused.sentence.fill(facts)), err=True)
        sys.exit(1)
    facts["made"] = Moment(contents.made.astimezone())
    for sentence in (words.RESTORED, *words.NEXT, words.SENT_AGAIN):
        click.echo(tell(sentence.fill(facts)))


def put_back(file: Path, folder: Path) -> Contents:
    """Checks the backup whole, then puts its files in place. Raises NotRestored, ArchiveDamaged, KeysRefused, OSError."""
    existed = folder.exists()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with TemporaryDirectory(prefix=".restore.", dir=folder) as temporary:
            contents = archive.unpack(file, Path(temporary))
            _check(contents, Path(temporary), folder)
            _place(Path(temporary), folder)
    except BaseException:
        if not existed and not any(folder.iterdir()):
            folder.rmdir()
        raise
    return contents


def _check(contents: Contents, unpacked: Path, folder: Path) -> None:
    """Raises NotRestored, ArchiveDamaged, KeysRefused."""
    database = contents.database
    if set(contents.digests) != {keys.FILE, settings.FILE, database}:
        raise ArchiveDamaged(database)
    names = (keys.FILE, settings.FILE, *(database + suffix for suffix in LEFT_BY_SQLITE))
    if there := [name for name in names if (folder / name).exists()]:
        raise NotRestored(words.FOLDER_HAS_DATA.fill({"names": ", ".join(there)}))
    if (detail := snapshot.damage(unpacked / database)) is not None:
        raise NotRestored(words.COPY_DAMAGED.fill({"detail": detail}))
    if not _known(unpacked / database):
        raise NotRestored(words.OTHER_VERSION.fill({"version": contents.version}))
    keys.read(unpacked / keys.FILE)


def _known(database: Path) -> bool:
    engine = open_engine(f"sqlite:///{database}")
    try:
        return schema.known(engine)
    finally:
        engine.dispose()


def _place(unpacked: Path, folder: Path) -> None:
    """The key comes last: without it nothing can be served, so half a restoration is never taken for a whole one."""
    for path in sorted(unpacked.iterdir(), key=lambda path: path.name == keys.FILE):
        path.rename(folder / path.name)


@contextmanager
def _failures_told() -> Iterator[None]:
    try:
        yield
    except ArchiveDamaged as damaged:
        raise NotRestored(words.NOT_A_BACKUP) from damaged
    except keys.KeysRefused as refused:
        raise NotRestored(words.NOT_A_BACKUP) from refused
    except OSError as failure:
        raise NotRestored(words.IMPOSSIBLE.fill({"detail": str(failure)})) from failure
