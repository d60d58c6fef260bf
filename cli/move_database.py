"""The command `retrouve move`, which copies an election to another database."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy import URL
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from cli.stop_signal_handlers import exit_on_stop_signals
from cli.terminal_translation import IN_FOLDER, CommandRefused, progress_bar, say, translate_for_terminal
from core.adapters.key_vault import KeyFileRefused, KeyVault
from core.adapters.role_key_files import open_vault
from core.adapters.sql import copy_database, schema_version, sqlite_snapshot
from core.adapters.sql.copy_database import DatabaseCopyRefused, TableChecksum
from core.adapters.sql.database_check import DatabaseRefused, require_upgradable_tables
from core.adapters.sql.engine import temporary_engine
from core.adapters.sql.row_authentication import RowAuthenticator
from core.app import settings
from core.app.settings import SettingsRefused
from core.app.settings.values import DATABASE_DRIVERS
from core.ports import CommitOutcomeUnknown
from core.security.key_roles import ProgramKeyRole
from core.text.faces import move_cli_sentences as words


@click.command(help=translate_for_terminal(words.HELP))
@click.argument("database_url")
@IN_FOLDER
def move(database_url: str, directory: Path) -> None:
    exit_on_stop_signals()
    with _translate_errors():
        source, target = _source_and_target(directory, database_url)
        rows = RowAuthenticator(_vault(directory))
        moved = _move(source, target, rows)
    say(words.ROWS_COPIED.for_count(sum(counts.rows for counts in moved.values())))
    for table, counts in moved.items():
        copied = words.ROWS_IN_TABLE.for_count(counts.rows)
        say(words.CHECKED, table=table, rows=copied, digest=counts.short_digest)
    say(*words.NEXT, url=make_url(database_url).render_as_string(), folder=str(directory))


def _vault(folder: Path) -> KeyVault:
    return open_vault(folder, ProgramKeyRole.OPERATOR, command=settings.load(folder).key_command)


def _source_and_target(folder: Path, given: str) -> tuple[URL, URL]:
    """Return two URLs: the current database and the new one. Raises CommandRefused, SettingsRefused."""
    source = make_url(settings.load(folder).database_url)
    try:
        target = make_url(given)
    except (ArgumentError, ValueError):
        raise CommandRefused(words.NOT_A_DATABASE, url=given) from None
    if target.drivername not in DATABASE_DRIVERS or not target.database:
        raise CommandRefused(words.NOT_A_DATABASE, url=target.render_as_string())
    if target.get_backend_name() == "sqlite":
        target = target.set(database=str(folder.resolve() / target.database))
    if target == source:
        raise CommandRefused(words.SAME)
    return source, target


def _move(source: URL, target: URL, rows: RowAuthenticator) -> Mapping[str, TableChecksum]:
    _require_unused(source)
    with temporary_engine(source) as source_engine:
        with source_engine.connect() as connection:
            require_upgradable_tables(connection)
        if not schema_version.is_at_head(source_engine):
            raise CommandRefused(words.SOURCE_OLD)
        length = copy_database.count_rows(source_engine) * copy_database.READINGS
        with (
            _target_file(target),
            temporary_engine(target) as target_engine,
            progress_bar(words.COPYING, length) as bar,
        ):
            return copy_database.copy_database(source_engine, target_engine, rows, bar.update)


def _require_unused(source: URL) -> None:
    """Raise CommandRefused if a SQLite database file is missing or in use."""
    if source.get_backend_name() != "sqlite":
        return
    path = Path(source.database or "")
    if not path.is_file():
        raise CommandRefused(words.SOURCE_MISSING, path=str(path))
    if sqlite_snapshot.is_in_use(path):
        raise CommandRefused(words.IN_USE)


@contextmanager
def _target_file(target: URL) -> Iterator[None]:
    """Create a SQLite database file that only this account can read. Delete the file if the block fails."""
    path = Path(target.database or "") if target.get_backend_name() == "sqlite" else None
    made = path is not None and not path.exists()
    try:
        if path is not None:
            path.touch(mode=0o600)
        yield
    except BaseException as failure:
        if path is not None and made:
            path.unlink(missing_ok=True)
            if isinstance(failure, CommitOutcomeUnknown):  # the outcome is certain now, because the file is deleted
                raise CommandRefused(words.FAILED, detail=str(failure)) from failure
        raise


@contextmanager
def _translate_errors() -> Iterator[None]:
    try:
        yield
    except SettingsRefused as refused:
        raise CommandRefused(refused.faults[0].sentence()) from refused
    except (DatabaseCopyRefused, DatabaseRefused, KeyFileRefused) as refused:
        raise CommandRefused(refused.reason) from refused
    except CommitOutcomeUnknown as unknown:
        raise CommandRefused(words.UNANSWERED, detail=str(unknown)) from unknown
    except (SQLAlchemyError, ImportError, OSError) as failure:
        detail = str(getattr(failure, "orig", None) or failure).partition("\n")[0]
        raise CommandRefused(words.FAILED, detail=detail) from failure
