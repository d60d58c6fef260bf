"""The command `retrouve backup`, which writes an election to one file."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory

import click
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from cli.database_upgrade import require_keys_of_database
from cli.stop_signal_handlers import exit_on_stop_signals
from cli.terminal_translation import IN_FOLDER, CommandRefused, option, progress_bar, say, translate_for_terminal
from core.adapters import backup_archive, key_vault
from core.adapters.master_key_rotation import locked_key_file
from core.adapters.sql import sqlite_snapshot
from core.adapters.sql.database_check import DatabaseRefused
from core.app import SETTINGS_FILE, settings
from core.app.settings import SettingsRefused
from core.text.faces import backup_cli_sentences as words
from core.text.text import Moment


@click.command(help=translate_for_terminal(words.BACKUP_HELP))
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@option("--with-key", is_flag=True, help=words.WITH_KEY_HELP)
@option("--encrypt-to", "recipients", multiple=True, metavar="age1…", help=words.ENCRYPT_HELP)
@IN_FOLDER
def backup(file: Path, directory: Path, recipients: tuple[str, ...], *, with_key: bool) -> None:
    exit_on_stop_signals()
    with _translate_errors():
        made = write_backup_file(directory, file, with_key=with_key, recipients=recipients)
    key = words.HOLDS_THE_KEY if with_key else words.WITHOUT_KEY
    encrypted = (words.ENCRYPTED,) if recipients else ()
    say(words.DONE, key, *encrypted, words.NOT_IN_IT, file=str(file), made=Moment(made.astimezone()))


def write_backup_file(folder: Path, file: Path, *, with_key: bool, recipients: tuple[str, ...] = ()) -> datetime:
    """Write a backup to `file`, and return the time at which the data was copied."""
    if file.exists():
        raise CommandRefused(words.FILE_THERE, file=str(file))
    database = _database_of(folder)
    place = file.absolute().parent
    # Unencrypted data is written only to the election's folder, because `file` may be on a disk of another machine.
    with (
        TemporaryDirectory(prefix=f".{file.name}.", dir=folder if recipients else place) as temporary,
        TemporaryDirectory(prefix=f".{file.name}.", dir=place) as encrypted,
    ):
        beside = Path(temporary)
        (beside / "files").mkdir()
        made = _copy_files(folder, database, beside / "files", with_key=with_key)
        backup_archive.pack(
            beside / "archive",
            sorted((beside / "files").iterdir()),
            database=database.name,
            made=made,
            version=version("retrouve"),
        )
        finished = beside / "archive"
        if recipients:
            finished = Path(encrypted) / "archive"
            backup_archive.encrypt_archive(beside / "archive", finished, recipients)
        if file.exists():
            raise CommandRefused(words.FILE_THERE, file=str(file))
        finished.rename(file)
    return made


def _database_of(folder: Path) -> Path:
    """Return the path of the SQLite database. Raises CommandRefused if there is none."""
    url = make_url(settings.load(folder).database_url)
    if url.get_backend_name() != "sqlite" or url.database is None:
        raise CommandRefused(words.NOT_EMBEDDED)
    path = Path(url.database)
    if path.resolve().parent != folder.resolve():
        raise CommandRefused(words.NOT_IN_FOLDER, path=str(path))
    return path


def _copy_files(folder: Path, database: Path, files: Path, *, with_key: bool) -> datetime:
    """Copy the election's files. If `with_key` is True, lock the key file and copy it too."""
    with locked_key_file(folder / key_vault.FILE) if with_key else nullcontext() as key_file:
        if key_file is not None:
            key_vault.read_key_file(key_file)
            require_keys_of_database(folder, f"sqlite:///{database}")
        made = datetime.now(UTC)
        with progress_bar(words.COPYING, 1) as bar:

            def advance(copied: int, total: int) -> None:
                bar.length = total
                bar.update(copied - bar.pos)

            sqlite_snapshot.take_snapshot(database, files / database.name, advance)
        if key_file is not None:
            copyfile(key_file, files / key_vault.FILE)
    copyfile(folder / SETTINGS_FILE, files / SETTINGS_FILE)
    if (detail := sqlite_snapshot.find_damage(files / database.name)) is not None:
        raise CommandRefused(words.SOURCE_DAMAGED, detail=detail)
    return made


@contextmanager
def _translate_errors() -> Iterator[None]:
    try:
        yield
    except SettingsRefused as refused:
        raise CommandRefused(refused.faults[0].sentence()) from refused
    except (key_vault.KeyFileRefused, DatabaseRefused) as refused:
        raise CommandRefused(refused.reason) from refused
    except backup_archive.InvalidAgePublicKey as refused:
        raise CommandRefused(words.NO_RECIPIENT, detail=str(refused)) from refused
    except (OSError, sqlite3.Error, SQLAlchemyError) as failure:
        raise CommandRefused(words.IMPOSSIBLE, detail=str(failure)) from failure
