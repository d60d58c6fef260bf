"""The command `retrouve restore`, which restores an election from a backup."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from sqlalchemy.exc import SQLAlchemyError

from cli.database_upgrade import require_keys_of_database
from cli.journal_declaration import CAUSE_HELP, CAUSES, EXISTING_FILE, checkpoints_in, declare_loss
from cli.stop_signal_handlers import exit_on_stop_signals
from cli.terminal_translation import IN_FOLDER, CommandRefused, option, say, say_error, translate_for_terminal
from core.adapters import backup_archive, key_vault, role_key_files
from core.adapters.backup_archive import BackupArchiveDamaged, BackupManifest
from core.adapters.master_key_rotation import write_role_files
from core.adapters.sql import sqlite_snapshot
from core.adapters.sql.database_check import DatabaseRefused, require_upgradable_tables
from core.adapters.sql.engine import temporary_engine
from core.app import SETTINGS_FILE, settings
from core.app.election_folder import open_services
from core.app.settings import SettingsRefused
from core.journal import loss_sentences as loss_words
from core.journal.declared_losses import FailoverOrRestoreCause, JournalLossKind
from core.journal.loss_declaration import LossDeclarationRefused, NewLossDeclaration
from core.ports import StoreUnavailable
from core.security.key_roles import ProgramKeyRole
from core.text.faces import backup_cli_sentences as words
from core.text.faces.shared_cli_sentences import OUTCOME_UNKNOWN
from core.text.text import Moment, Text

LEFT_BY_SQLITE = ("", "-wal", "-shm", "-journal")
"""Suffixes of SQLite's files. A restore is refused if one of these files exists."""


@click.command(help=translate_for_terminal(words.RESTORE_HELP))
@click.argument("file", type=EXISTING_FILE)
@option("--cause", type=click.Choice(CAUSES), default=FailoverOrRestoreCause.DATA_DAMAGED.value, help=CAUSE_HELP)
@option("--checkpoint", "from_board", multiple=True, type=EXISTING_FILE, help=loss_words.BOARD_CHECKPOINT_HELP)
@option("--identity", type=EXISTING_FILE, help=words.IDENTITY_HELP)
@IN_FOLDER
def restore(file: Path, cause: str, from_board: tuple[Path, ...], directory: Path, identity: Path | None) -> None:
    exit_on_stop_signals()
    now = datetime.now(UTC)
    outside = checkpoints_in(from_board)
    facts: dict[str, object] = {"file": str(file), "folder": str(directory), "cause": cause}
    with _translate_errors(file):
        contents = restore_backup(file, directory, identity)
        lacking = rewrite_role_key_files(directory, contents.database)
    facts["made"], facts["happened"] = Moment(contents.made.astimezone()), now.isoformat(timespec="minutes")
    say(words.RESTORED, *lacking, *words.NEXT, words.SENT_AGAIN, **facts)
    loss = NewLossDeclaration(
        kind=JournalLossKind.RESTORE, cause=FailoverOrRestoreCause(cause), happened=now, outside=outside
    )
    declared = not lacking and _declare(directory, loss)
    say(loss_words.RESTORE_DECLARED if declared else loss_words.RESTORE_NOT_DECLARED, **facts)


def _declare(folder: Path, loss: NewLossDeclaration) -> bool:
    try:
        with closing(open_services(folder, ProgramKeyRole.OPERATOR)) as services:
            declare_loss(services, loss)
    except (SettingsRefused, key_vault.KeyFileRefused):
        return False
    except LossDeclarationRefused as refused:
        say_error(refused.sentence)
        return False
    except DatabaseRefused as refused:  # nothing has been written
        say_error(refused.reason)
        return False
    except StoreUnavailable as unready:
        say_error(OUTCOME_UNKNOWN, detail=str(unready))  # the backup is already restored
        return False
    return True


def restore_backup(file: Path, folder: Path, identity: Path | None = None) -> BackupManifest:
    """Restore a backup to the folder. Raises CommandRefused, BackupArchiveDamaged, KeyFileRefused, OSError."""
    existed = folder.exists()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with (
            TemporaryDirectory(prefix=".restore.", dir=folder) as temporary,
            _readable(file, folder, identity) as archive,
        ):
            contents = backup_archive.unpack(archive, Path(temporary))
            _check(file, contents, Path(temporary), folder)
            if key_vault.FILE in contents.digests:
                write_role_files(Path(temporary))
            # The key is written last, because an incomplete restoration must not be usable.
            for path in sorted(Path(temporary).iterdir(), key=lambda path: path.name == key_vault.FILE):
                path.rename(folder / path.name)
    except BaseException:
        if not existed and not any(folder.iterdir()):
            folder.rmdir()
        raise
    return contents


@contextmanager
def _readable(file: Path, folder: Path, identity: Path | None) -> Iterator[Path]:
    """Yield the path of the backup, or of a decrypted copy if the backup is encrypted. Raises CommandRefused."""
    if not backup_archive.is_encrypted(file):
        yield file
        return
    if identity is None:
        raise CommandRefused(words.IDENTITY_NEEDED, file=str(file))
    with TemporaryDirectory(prefix=".decrypted.", dir=folder) as temporary:
        archive = Path(temporary) / "archive"
        try:
            backup_archive.decrypt_archive(file, archive, identity)
        except backup_archive.NoAgeSecretKey as refused:
            raise CommandRefused(words.NO_IDENTITY, file=str(file)) from refused
        yield archive


def rewrite_role_key_files(folder: Path, database: str) -> tuple[Text, ...]:
    """Write each role's key file if the master key is available. Returns sentences about problems."""
    lacking, command = tuple[Text, ...](), tuple[str, ...]()
    try:
        command = settings.load(folder, as_written=True).key_command
        settings.load(folder)
    except SettingsRefused as refused:  # backups do not contain password files
        lacking = tuple(fault.sentence() for fault in refused.faults)
    try:
        require_keys_of_database(folder, f"sqlite:///{folder / database}", command)
        if not command:
            state, _ = role_key_files.compare_role_files_with_master(folder)
            if state is not role_key_files.RoleKeyFilesComparison.CURRENT:
                write_role_files(folder)
    except DatabaseRefused as refused:
        return (*lacking, refused.reason)
    except key_vault.KeyFileRefused as refused:
        return (*lacking, refused.reason, words.KEY_MISSING)
    except SQLAlchemyError:
        return (*lacking, words.KEY_MISSING)
    except OSError as failure:  # the backup's files are already in place
        return (*lacking, words.ROLE_FILES_NOT_UPDATED.fill({"detail": str(failure)}))
    return lacking


def _check(file: Path, contents: BackupManifest, unpacked: Path, folder: Path) -> None:
    database = contents.database
    files = set(contents.digests)
    if files - {key_vault.FILE} != {SETTINGS_FILE, database}:
        raise BackupArchiveDamaged(database)
    keys = {role_key_files.FOLDER} if key_vault.FILE in files else set[str]()
    names = (*sorted(files - {database} | keys), *(database + suffix for suffix in LEFT_BY_SQLITE))
    if existing := [name for name in names if (folder / name).exists()]:
        raise CommandRefused(words.FOLDER_HAS_DATA, folder=str(folder), names=", ".join(existing))
    if (detail := sqlite_snapshot.find_damage(unpacked / database)) is not None:
        raise CommandRefused(words.COPY_DAMAGED, file=str(file), detail=detail)
    with temporary_engine(f"sqlite:///{unpacked / database}") as engine, engine.connect() as connection:
        require_upgradable_tables(connection)
    if key_vault.FILE in files:
        key_vault.read_key_file(unpacked / key_vault.FILE)
        require_keys_of_database(unpacked, f"sqlite:///{unpacked / database}")


@contextmanager
def _translate_errors(file: Path) -> Iterator[None]:
    try:
        yield
    except (BackupArchiveDamaged, key_vault.KeyFileRefused) as damaged:
        raise CommandRefused(words.NOT_A_BACKUP, file=str(file)) from damaged
    except DatabaseRefused as refused:
        raise CommandRefused(refused.reason) from refused
    except OSError as failure:
        raise CommandRefused(words.IMPOSSIBLE, detail=str(failure)) from failure
