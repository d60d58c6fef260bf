"""Check that the database was written with the keys of this folder."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from cli.checks import DoctorCheckResult, fault, passed
from cli.checks.database import sqlite_file_of
from core.adapters import key_vault, role_key_files
from core.adapters.key_vault import KeyFileRefused, KeyVault
from core.adapters.sql.database_tables_and_keys_check import DatabaseProperty, election_key_fingerprint, read_properties
from core.adapters.sql.engine import temporary_engine
from core.app import doctor_sentences as words
from core.app.settings import Settings
from core.security.roles_holding_keys import ProgramKeyRole
from core.text.faces.readiness_sentences import NO_FINGERPRINT, WRONG_KEY


def check_database_keys(settings: Settings, folder: Path) -> tuple[DoctorCheckResult, ...]:
    """Check the master key and each role's file, or what key_command gives; report nothing when keys or database are not ready."""
    file = sqlite_file_of(settings.database_url)
    if file is not None and not file.is_file():  # to connect would make an empty one
        return ()
    try:
        own = {name: election_key_fingerprint(vault) for name, vault in _vaults(folder, settings.key_command)}
        with temporary_engine(settings.database_url) as engine, engine.connect() as connection:
            known = read_properties(connection).get(DatabaseProperty.FINGERPRINT)
    except (KeyFileRefused, SQLAlchemyError, ImportError):
        return ()
    if known is None:
        return (fault(words.DATABASE_OF_KEYS, NO_FINGERPRINT),)
    if foreign := [name for name, found in own.items() if found != known]:
        finding = words.KEYS_OF_ANOTHER.fill({"files": ", ".join(foreign)})
        return (fault(words.DATABASE_OF_KEYS, finding, WRONG_KEY),)
    return (passed(words.DATABASE_OF_KEYS, words.DATABASE_OF_OUR_KEYS),)


def _vaults(folder: Path, command: Sequence[str]) -> Iterator[tuple[str, KeyVault]]:
    """Yield the name and the vault of each key file, or of what the command gives to the site and to these commands."""
    if command:
        for role in (ProgramKeyRole.SERVE, ProgramKeyRole.OPERATOR):
            yield f"key_command {role}", role_key_files.open_vault(folder, role, command=command)
        return
    if (folder / key_vault.FILE).exists():
        yield key_vault.FILE, role_key_files.open_vault(folder, None)
    for role in ProgramKeyRole:
        file = role_key_files.role_file_path(folder, role)
        if file.exists():
            yield f"{role_key_files.FOLDER}/{file.name}", role_key_files.open_vault(folder, role)
