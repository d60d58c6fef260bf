"""Upgrades an election's database to this program's version."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy.engine import make_url

from core.adapters import key_vault
from core.adapters.database_clock import DatabaseSyncedClock
from core.adapters.role_key_files import open_vault
from core.adapters.sql import schema_upgrade, schema_version
from core.adapters.sql.database_check import (
    require_compatible_tables,
    require_own_keys,
    require_upgradable_tables,
    write_properties,
)
from core.adapters.sql.engine import temporary_engine, writing_connection
from core.adapters.sql.journal import SqlJournal
from core.adapters.sql.outages import translate_errors
from core.adapters.sql.row_authentication import RowAuthenticator
from core.app.settings import Settings
from core.flows.dependencies import following_done_act
from core.ports import Actor, Event, EventType
from core.security.key_roles import ProgramKeyRole


def upgrade_database(folder: Path, settings: Settings, when_committing: Callable[[], object] = lambda: None) -> None:
    """Upgrade the tables in one transaction. Calls `when_committing` just before the COMMIT."""
    vault = open_vault(folder, ProgramKeyRole.OPERATOR, command=settings.key_command)
    with (
        temporary_engine(settings.database_url) as engine,
        ExitStack() as committing,
        writing_connection(engine) as connection,
    ):
        require_upgradable_tables(connection)
        require_own_keys(connection, vault)
        if schema_upgrade.upgrade_schema(connection):
            now, act = DatabaseSyncedClock(settings.clock_offset()).now(), EventType.DATABASE_UPGRADED
            event = Event(at=now, actor=Actor.OPERATOR, act=act, reason=schema_version.HEAD)
            SqlJournal(connection, RowAuthenticator(vault), []).write(event)
        require_compatible_tables(connection)
        write_properties(connection, vault)
        # A failure before this line does not change the database. If the COMMIT fails, its outcome is unknown.
        committing.enter_context(following_done_act())
        committing.enter_context(translate_errors(engine.dialect))
        when_committing()


def require_keys_of_database(folder: Path, database_url: str, command: Sequence[str] = ()) -> None:
    """Check that the database uses the election's keys. Raises DatabaseRefused, KeyFileRefused, SQLAlchemyError."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return
    has_master = (folder / key_vault.FILE).exists()
    vault = open_vault(folder, None) if has_master else open_vault(folder, ProgramKeyRole.OPERATOR, command=command)
    with temporary_engine(database_url) as engine, engine.connect() as connection:
        require_own_keys(connection, vault)
