"""Brings an election's database to this version: its tables, and the tags of the rows that decide."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.engine import make_url

from cli.terminal_translation import progress_bar
from core.adapters import key_vault
from core.adapters.database_synced_clock import DatabaseSyncedClock
from core.adapters.role_key_files import open_vault
from core.adapters.sql import row_tag_upgrade, schema_upgrade, schema_version
from core.adapters.sql.database_tables_and_keys_check import (
    require_compatible_tables,
    require_own_keys,
    require_tables_not_newer,
    write_properties,
)
from core.adapters.sql.engine import open_snapshot_transaction, temporary_engine, writing_connection
from core.adapters.sql.journal_chain import SqlJournalChain
from core.adapters.sql.protected_row_examination import count_protected_rows
from core.adapters.sql.row_authentication import RowAuthenticator
from core.adapters.sql.row_tag_upgrade import BEGUN, DONE, RowTagUpgradeState, record_account_digests
from core.adapters.sql.store import SqlStore, translate_errors
from core.app.settings import Settings
from core.flows.dependencies import following_done_act
from core.journal.verification import JournalVerifier
from core.ports import Actor, Event, EventType, Vault
from core.security import key_purposes
from core.security.roles_holding_keys import ProgramKeyRole
from core.text.faces import init_cli_sentences as words


class JournalNotSound(Exception):
    """The journal does not verify: nobody knows who has written the rows, and nothing was changed."""


def upgrade_database(folder: Path, settings: Settings, when_committing: Callable[[], object] = lambda: None) -> int:
    """Bring the database to this version. Return how many voters' rows disagree with the journal and stay refused.

    `when_committing` is called before the tables are committed: from then on the database may know the keys. Raises DatabaseRefused, JournalNotSound, KeyFileRefused, SQLAlchemyError; CommitOutcomeUnknown once the tables may be changed.
    """
    with temporary_engine(settings.database_url) as engine:
        vault = open_vault(folder, ProgramKeyRole.OPERATOR, command=settings.key_command)
        state, upgraded = _upgrade_tables(engine, vault, when_committing)
        now = DatabaseSyncedClock(settings.clock_offset()).now()
        with following_done_act(), translate_errors(engine.dialect):
            if upgraded:
                rows = RowAuthenticator(vault)
                _record(engine, rows, schema_version.HEAD, now, act=EventType.DATABASE_UPGRADED)
            refused = _give_tags(engine, vault, state, now) if state.needed else 0
            record_account_digests(engine, RowAuthenticator(vault), now)
        return refused


def require_keys_of_database(folder: Path, database_url: str, command: Sequence[str] = ()) -> None:
    """Check that the master key in the folder, or else the keys of the command or of the folder, are those of the database.

    Raises DatabaseRefused, KeyFileRefused, SQLAlchemyError.
    """
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return
    has_master = (folder / key_vault.FILE).exists()
    vault = open_vault(folder, None) if has_master else open_vault(folder, ProgramKeyRole.OPERATOR, command=command)
    with temporary_engine(database_url) as engine, engine.connect() as connection:
        require_own_keys(connection, vault)


def _upgrade_tables(
    engine: Engine, vault: Vault, when_committing: Callable[[], object]
) -> tuple[RowTagUpgradeState, bool]:
    """Bring the tables to this version, unless rows need tags and the journal does not verify. Return whether they were older.

    Nothing is changed when the database is of other keys, or when its tables do not become those of this version.
    """
    with ExitStack() as committing, writing_connection(engine) as connection:
        require_own_keys(connection, vault)
        require_tables_not_newer(connection)
        upgraded = schema_upgrade.upgrade_schema_in_transaction(connection)
        require_compatible_tables(connection)
        state = row_tag_upgrade.row_upgrade_state(connection)
        if state.needed:
            chain, key = SqlJournalChain(connection), vault.public_key(key_purposes.JOURNAL)
            with progress_bar(words.VERIFYING_JOURNAL, chain.end().position) as bar:
                if next(JournalVerifier(chain, key, progress=bar.update).findings(), None) is not None:
                    raise JournalNotSound
        write_properties(connection, vault)
        # Until here a failure leaves the database as it was; whether a COMMIT without an answer happened, nobody knows.
        committing.enter_context(following_done_act())
        committing.enter_context(translate_errors(engine.dialect))
        when_committing()
    return state, upgraded


def _give_tags(engine: Engine, vault: Vault, state: RowTagUpgradeState, now: datetime) -> int:
    rows = RowAuthenticator(vault)
    if not state.begun:
        _record(engine, rows, BEGUN, now)
    with open_snapshot_transaction(engine) as connection:
        length = count_protected_rows(connection)
    with progress_bar(words.GIVING_TAGS, length) as bar:
        refused = row_tag_upgrade.give_tags(engine, rows, bar.update)
    _record(engine, rows, DONE, now)
    return refused


def _record(
    engine: Engine, rows: RowAuthenticator, reason: str, now: datetime, act: EventType = EventType.ROWS_AUTHENTICATED
) -> None:
    with SqlStore(engine, {}, rows).write() as transaction:
        transaction.journal.write(Event(at=now, actor=Actor.OPERATOR, act=act, reason=reason))
