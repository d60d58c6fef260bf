"""`retrouve init`: the folder of a new election."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from cli.words import tell
from core import purposes, settings
from core.adapters import keys
from core.adapters.entropy import SystemEntropy
from core.adapters.sql import schema
from core.adapters.sql.engine import open_engine
from core.ports import Entropy
from core.settings.sample import sample
from core.text import Text
from core.words import init as words

DATABASE_FILE = "retrouve.sqlite3"
MADE = (keys.FILE, settings.FILE, DATABASE_FILE)
LEFT_BY_SQLITE = (DATABASE_FILE, f"{DATABASE_FILE}-wal", f"{DATABASE_FILE}-shm")
OTHERS = 0o077


class NotMade(Exception):
    """Nothing was made, or all of it was taken back; `sentences` say why."""

    def __init__(self, *sentences: Text) -> None:
        super().__init__()
        self.sentences = sentences


@click.command(help=tell(words.HELP))
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path),
    envvar="RETROUVE_DIR",
    default=Path(),
    help=tell(words.FOLDER_HELP),
)
@click.option("--upgrade", is_flag=True, help=tell(words.UPGRADE_HELP))
def init(folder: Path, *, upgrade: bool) -> None:
    """Makes the folder and says what to do next, or brings its database to this version."""
    try:
        upgrade_database(folder) if upgrade else make_folder(folder)
    except NotMade as refused:
        _print(*refused.sentences, folder=folder, to_errors=True)
        sys.exit(1)
    if upgrade:
        _print(words.UPGRADED, folder=folder)
    else:
        _print(words.DONE, *words.NEXT, _journal_key(folder), folder=folder)
    if folder.stat().st_mode & OTHERS:
        _print(words.OPEN_TO_OTHERS, folder=folder)


def upgrade_database(folder: Path) -> None:
    """Brings an election's database to this version's tables. Raises NotMade."""
    with _taken_back_on_failure(folder):
        _prepare(settings.load(folder).database_url)


def make_folder(folder: Path, entropy: Entropy | None = None) -> None:
    """A master key, the commented settings and an empty database; replaces nothing. Raises NotMade."""
    there = [name for name in MADE if (folder / name).exists()]
    if there:
        raise NotMade(words.ALREADY_THERE.fill({"names": ", ".join(there)}))
    with _taken_back_on_failure(folder) as made:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        keys.create(folder / keys.FILE, entropy=entropy or SystemEntropy(), now=datetime.now(UTC))
        made.append(keys.FILE)
        with (folder / settings.FILE).open("x", encoding="utf-8") as file:
            made.append(settings.FILE)
            file.write(sample())
        made.extend(LEFT_BY_SQLITE)
        _prepare(settings.load(folder).database_url)


def _prepare(database_url: str) -> None:
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite" and url.database is not None:
        Path(url.database).touch(mode=0o600)  # SQLite would let everyone read it
    engine = open_engine(database_url)
    try:
        schema.upgrade(engine)
    finally:
        engine.dispose()


@contextmanager
def _taken_back_on_failure(folder: Path) -> Iterator[list[str]]:
    """A second try finds what the first found: neither half a folder nor a key that was never used."""
    existed, made = folder.exists(), list[str]()
    try:
        yield made
    except (settings.SettingsRefused, SQLAlchemyError, ImportError, OSError) as failure:
        for name in made:
            (folder / name).unlink(missing_ok=True)
        if not existed and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
        raise NotMade(*_told(failure)) from failure


def _told(failure: Exception) -> tuple[Text, ...]:
    match failure:
        case settings.SettingsRefused():
            return (words.SETTINGS_REFUSED, *(fault.sentence() for fault in failure.faults))
        case OSError():
            return (words.FOLDER_IMPOSSIBLE.fill({"detail": failure.strerror or type(failure).__name__}),)
        case _:
            return (words.DATABASE_IMPOSSIBLE.fill({"detail": str(failure).partition("\n")[0]}),)


def _journal_key(folder: Path) -> Text:
    vault = keys.KeyVault(keys.read(folder / keys.FILE), SystemEntropy())
    return words.JOURNAL_KEY.fill({"key": vault.public_key(purposes.JOURNAL).hex()})


def _print(*sentences: Text, folder: Path, to_errors: bool = False) -> None:
    for sentence in sentences:
        click.echo(tell(sentence.fill({"folder": str(folder)})), err=to_errors)
