"""The command `retrouve init`, which creates or upgrades an election's folder."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from shutil import rmtree

import click
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from cli.checks.election_folder import is_open_to_others
from cli.database_upgrade import require_keys_of_database, upgrade_database
from cli.stop_signal_handlers import exit_on_stop_signals
from cli.terminal_language import terminal_language
from cli.terminal_translation import CommandRefused, option, say, translate_for_terminal
from core.adapters import key_vault, role_key_files
from core.adapters.master_key_rotation import write_role_files
from core.adapters.random_source import SystemRandomSource
from core.adapters.sql import schema_version, sqlite_snapshot
from core.adapters.sql.database_check import DatabaseRefused, require_upgradable_tables
from core.adapters.sql.engine import temporary_engine
from core.app import SETTINGS_FILE, settings
from core.app.settings.election_toml_template import sample
from core.ports import CommitOutcomeUnknown, RandomSource, StoreUnavailable
from core.security import key_purposes
from core.security.key_roles import ProgramKeyRole
from core.text.faces import init_cli_sentences as words
from core.text.faces.move_cli_sentences import IN_USE
from core.text.text import Language, Text

DATABASE_FILE = "retrouve.sqlite3"
CREATED_FILES = (key_vault.FILE, role_key_files.FOLDER, SETTINGS_FILE, DATABASE_FILE)
LEFT_BY_SQLITE = (DATABASE_FILE, f"{DATABASE_FILE}-wal", f"{DATABASE_FILE}-shm")
EXPLAINED_ERRORS = (
    settings.SettingsRefused,
    SQLAlchemyError,
    ImportError,
    OSError,
    key_vault.KeyFileRefused,
    DatabaseRefused,
)


@click.command(help=translate_for_terminal(words.HELP))
@option(
    "--dir", "folder", type=click.Path(path_type=Path), envvar="RETROUVE_DIR", default=Path(), help=words.FOLDER_HELP
)
@option("--upgrade", is_flag=True, help=words.UPGRADE_HELP)
def init(folder: Path, *, upgrade: bool) -> None:
    exit_on_stop_signals()
    if upgrade:
        sentences: tuple[Text, ...] = (words.UPGRADED, upgrade_folder(folder))
    else:
        make_election_folder(folder, language=terminal_language(os.environ))
        sentences = (words.DONE, *words.NEXT, _journal_key(folder))
    open_to_others = (words.OPEN_TO_OTHERS,) if is_open_to_others(folder) else ()
    say(*sentences, *open_to_others, folder=str(folder))


def _journal_key(folder: Path) -> Text:
    key = role_key_files.open_vault(folder, ProgramKeyRole.OPERATOR).public_key(key_purposes.JOURNAL)
    return words.JOURNAL_KEY.fill({"key": key.hex()})


def upgrade_folder(folder: Path) -> Text:
    """Upgrade an election's key files and database. Returns a sentence about the key files."""
    with _remove_created_files_on_failure(folder):
        loaded = settings.load(folder)
        _require_upgradable_database(loaded.database_url)
        # Check the keys before the key files of the roles are written from master.key.
        require_keys_of_database(folder, loaded.database_url, loaded.key_command)
        sentence = words.MASTER_KEY_AWAY
        if (folder / key_vault.FILE).exists():
            write_role_files(folder)
            sentence = words.ROLE_FILES_WRITTEN
        if not loaded.key_command:
            role_key_files.compare_role_files_with_master(folder)
        _make_file(loaded.database_url)
        upgrade_database(folder, loaded)
    return sentence


def _require_upgradable_database(database_url: str) -> None:
    """Check that the tables can be upgraded. Raises DatabaseRefused and CommandRefused."""
    url = make_url(database_url)
    embedded = Path(url.database or "") if url.get_backend_name() == "sqlite" else None
    if embedded is not None and not embedded.is_file():
        return
    with temporary_engine(url) as engine, engine.connect() as connection:
        require_upgradable_tables(connection)
        revision = schema_version.last_applied_migration(connection)
    is_older = revision is not None and revision < schema_version.HEAD
    if embedded is not None and is_older and sqlite_snapshot.is_in_use(embedded):
        raise CommandRefused(IN_USE)


def make_election_folder(
    folder: Path, entropy: RandomSource | None = None, language: Language = Language.FRENCH
) -> None:
    """Create the keys, the settings and an empty database. Raises CommandRefused if one of these files exists."""
    existing = [name for name in CREATED_FILES if (folder / name).exists()]
    if existing:
        raise CommandRefused(words.ALREADY_THERE, folder=str(folder), names=", ".join(existing))
    with _remove_created_files_on_failure(folder) as made:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key_vault.create_key_file(
            folder / key_vault.FILE, entropy=entropy or SystemRandomSource(), now=datetime.now(UTC)
        )
        made.extend((key_vault.FILE, role_key_files.FOLDER))
        write_role_files(folder)
        # The settings name commands to run, so no other account may write to the file, whatever the umask is.
        (folder / SETTINGS_FILE).touch(mode=0o644, exist_ok=False)
        made.append(SETTINGS_FILE)
        (folder / SETTINGS_FILE).write_text(sample(language), encoding="utf-8")
        loaded = settings.load(folder)
        if make_url(loaded.database_url).database == str(folder.resolve() / DATABASE_FILE):
            made.extend(LEFT_BY_SQLITE)
        _make_file(loaded.database_url)
        elsewhere = DATABASE_FILE not in made
        try:
            # Once a database elsewhere may belong to the new keys, the keys must not be removed.
            upgrade_database(folder, loaded, made.clear if elsewhere else lambda: None)
        except CommitOutcomeUnknown as failure:
            if not elsewhere:
                raise
            sentences = (words.FINISH_BY_UPGRADE, *words.NEXT, _journal_key(folder))
            raise CommandRefused(*sentences, detail=str(failure), folder=str(folder)) from failure


def _make_file(database_url: str) -> None:
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite" and url.database is not None:
        Path(url.database).touch(mode=0o600)  # SQLite would make it readable for everyone


@contextmanager
def _remove_created_files_on_failure(folder: Path) -> Iterator[list[str]]:
    """If the command fails or is interrupted, remove the files that it created."""
    existed, made = folder.exists(), list[str]()
    try:
        yield made
    except BaseException as failure:
        for path in (folder / name for name in made):
            if path.is_dir():
                rmtree(path)
            else:
                path.unlink(missing_ok=True)
        if not existed and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
        # Removing the database also undoes a commit with an unknown outcome.
        if isinstance(failure, EXPLAINED_ERRORS) or (isinstance(failure, StoreUnavailable) and DATABASE_FILE in made):
            raise CommandRefused(*_explain(failure), folder=str(folder)) from failure
        raise


def _explain(failure: BaseException) -> tuple[Text, ...]:
    match failure:
        case settings.SettingsRefused():
            return (words.SETTINGS_REFUSED, *(fault.sentence() for fault in failure.faults))
        case key_vault.KeyFileRefused():
            return (words.KEYS_REFUSED, failure.reason)
        case DatabaseRefused():
            return (words.DATABASE_REFUSED, failure.reason)
        case OSError():
            return (words.FOLDER_IMPOSSIBLE.fill({"detail": failure.strerror or type(failure).__name__}),)
        case _:
            return (words.DATABASE_IMPOSSIBLE.fill({"detail": str(failure).partition("\n")[0]}),)
