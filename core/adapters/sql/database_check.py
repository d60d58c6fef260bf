"""Checks that a database has the tables of this version and was written with this election's keys."""

import hmac
import logging
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, inspect, select

from core.adapters.database_clock import DatabaseSyncedClock
from core.adapters.key_vault import KeyVault
from core.adapters.sql import schema_version
from core.adapters.sql.protected_tables import MAC, PROTECTED
from core.adapters.sql.row_authentication import RowAuthenticator
from core.adapters.sql.schema_comparison import declared_schema, differing_schema_objects, read_schema
from core.adapters.sql.tables import EPOCH, MICROSECOND, checkpoints, properties
from core.adapters.sql.upsert import upsert
from core.journal.verifier import is_genuine_signature
from core.ports import StoreUnavailable, Vault
from core.security import key_purposes
from core.text.faces import readiness_sentences as words
from core.text.faces.readiness_sentences import NotReadyCause
from core.text.text import Moment, Text

OLDEST_PROGRAM = "0001"
"""Oldest program revision that can use this version's tables."""
MOST_SHOWN = 5
FINGERPRINTED = b"retrouve"
KEY_CHECK_SECONDS = 30.0
NEWEST_KEY_PREFIX = b"newest-key "
log = logging.getLogger("retrouve")
SERVER_CLOCK = "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)"


class DatabasePropertyName(StrEnum):
    FINGERPRINT = "fingerprint"
    OLDEST_PROGRAM = "oldest-program"
    NEWEST_KEY = "newest-key"
    """Id of the newest key, the time of its first use, and a keyed digest of both."""


class DatabaseRefused(StoreUnavailable):
    """Raised when this program must not use the database. `reason` says why."""

    def __init__(self, cause: NotReadyCause, reason: Text) -> None:
        super().__init__(cause.value)
        self.cause, self.reason = cause, reason

    @property
    def is_permanent(self) -> bool:
        return self.cause in {NotReadyCause.SCHEMA, NotReadyCause.WRONG_KEY}


@dataclass(frozen=True, slots=True)
class AnnouncedKey:
    """The newest master key, as announced in the database."""

    id: int
    seals_from: datetime

    def is_in_use(self, now: datetime) -> bool:
        return self.seals_from <= now

    def missing_sentence(self, now: datetime) -> Text:
        sentence = words.KEY_MISSING if self.is_in_use(now) else words.KEY_MISSING_SOON
        return sentence.fill({"key": self.id, "seals_from": Moment(self.seals_from.astimezone())})


def election_key_fingerprint(vault: Vault) -> str:
    """Return a fingerprint of an election's keys. Key rotation does not change the fingerprint."""
    return vault.digest(key_purposes.FINGERPRINT, FINGERPRINTED).hex()


class DatabaseTablesAndKeysCheck:
    """Checks a database's tables and keys, and synchronises the clock with the database server."""

    def __init__(self, vault: KeyVault, clock: DatabaseSyncedClock) -> None:
        self._vault = vault
        self._fingerprint = election_key_fingerprint(vault)
        self.clock = clock
        self._announced: AnnouncedKey | None = None
        self._next_key_check = -float("inf")

    def __call__(self, engine: Engine) -> None:
        """Check the database. Raises DatabaseRefused or SQLAlchemyError."""
        if engine.dialect.name == "sqlite":
            if not Path(engine.url.database or "").exists():  # SQLite would create it
                raise DatabaseRefused(NotReadyCause.UNREACHABLE, words.NO_TABLES)
            with engine.connect() as connection:
                self._require_own_tables_and_key(connection)
            return
        with engine.connect() as connection:
            self.clock.synchronise_with_database(
                lambda: EPOCH + connection.exec_driver_sql(SERVER_CLOCK).scalar_one() * MICROSECOND
            )
            self._require_own_tables_and_key(connection)

    def _require_own_tables_and_key(self, connection: Connection) -> None:
        require_compatible_tables(connection)
        known = read_properties(connection).get(DatabasePropertyName.FINGERPRINT)
        if known is None:
            raise DatabaseRefused(NotReadyCause.SCHEMA, words.NO_FINGERPRINT)
        if known != self._fingerprint:
            raise DatabaseRefused(NotReadyCause.WRONG_KEY, words.WRONG_KEY)
        self.read_announced_key(connection)

    @property
    def is_key_check_due(self) -> bool:
        return time.monotonic() >= self._next_key_check

    def read_announced_key(self, connection: Connection) -> None:
        """Read the newest key's id from the database, and pass it to the vault."""
        self._next_key_check = time.monotonic() + KEY_CHECK_SECONDS
        self._announced = announced_key(connection, self._vault)
        self._vault.announced_key = 0 if self._announced is None else self._announced.id

    def missing_key(self) -> AnnouncedKey | None:
        newest = self._announced
        return None if newest is None or self._vault.holds_key(newest.id) else newest


def read_properties(connection: Connection) -> Mapping[str, str]:
    return {row.name: row.value for row in connection.execute(select(properties.c.name, properties.c.value))}


def announced_key(connection: Connection, vault: Vault) -> AnnouncedKey | None:
    stored = read_properties(connection).get(DatabasePropertyName.NEWEST_KEY)
    if stored is None:
        return None
    announcement = stored.rpartition(" ")[0]
    if not is_authentic_announcement(stored, vault):
        log.error("row-not-authentic", extra={"table": properties.name, "row": DatabasePropertyName.NEWEST_KEY.value})
        return None
    key, _, seals_from = announcement.partition(" ")
    return AnnouncedKey(int(key), datetime.fromisoformat(seals_from))


def is_authentic_announcement(stored: str, vault: Vault) -> bool:
    announcement, _, digest = stored.rpartition(" ")
    return hmac.compare_digest(_announcement_digest(vault, announcement).encode(), digest.encode())


def announce_key(connection: Connection, vault: Vault, key: AnnouncedKey) -> None:
    announcement = f"{key.id} {key.seals_from.isoformat()}"
    stored = f"{announcement} {_announcement_digest(vault, announcement)}"
    _write_properties(connection, {DatabasePropertyName.NEWEST_KEY: stored})


def _announcement_digest(vault: Vault, announcement: str) -> str:
    return vault.digest(key_purposes.FINGERPRINT, NEWEST_KEY_PREFIX + announcement.encode()).hex()


def require_utf8(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        return
    driver: Any = connection.connection.driver_connection
    encoding = driver.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise DatabaseRefused(NotReadyCause.SCHEMA, words.NOT_UTF8.fill({"encoding": encoding}))


def require_compatible_tables(connection: Connection) -> None:
    """Raise DatabaseRefused unless this program can use the tables and the encoding."""
    require_utf8(connection)
    revision = schema_version.last_applied_migration(connection)
    if revision is None:
        raise DatabaseRefused(NotReadyCause.UNREACHABLE, words.NO_TABLES)
    if revision != schema_version.HEAD and (oldest_program(connection) or revision) > schema_version.HEAD:
        require_upgradable_tables(connection)
    if revision < schema_version.HEAD:
        values = {"found": revision, "expected": schema_version.HEAD}
        raise DatabaseRefused(NotReadyCause.SCHEMA, words.OLDER_TABLES.fill(values))
    missing = differing_schema_objects(declared_schema(connection.dialect), read_schema(connection))
    if missing:
        named = ", ".join(missing[:MOST_SHOWN]) + (" …" if len(missing) > MOST_SHOWN else "")
        raise DatabaseRefused(NotReadyCause.SCHEMA, words.OTHER_TABLES.fill({"revision": revision, "missing": named}))


def require_upgradable_tables(connection: Connection) -> None:
    """Raise DatabaseRefused if this program cannot upgrade the tables."""
    revision = schema_version.last_applied_migration(connection)
    if revision is None or revision == schema_version.HEAD:
        return
    values = {"found": revision, "expected": schema_version.HEAD}
    if oldest_program(connection) is None:
        raise DatabaseRefused(NotReadyCause.SCHEMA, words.FORMER_TABLES.fill(values))
    if revision > schema_version.HEAD:
        raise DatabaseRefused(NotReadyCause.SCHEMA, words.NEWER_TABLES.fill(values))


def oldest_program(connection: Connection) -> str | None:
    """Return the oldest program revision that can use the tables, or None if it is not recorded."""
    if not inspect(connection).has_table(properties.name):
        return None
    return read_properties(connection).get(DatabasePropertyName.OLDEST_PROGRAM)


ROWS_TRIED = 50
"""Keys are checked against this many rows of each table, because a single row could be forged."""


def require_own_keys(connection: Connection, vault: Vault) -> None:
    """Raise DatabaseRefused if the database was written with other keys."""
    known = None
    if inspect(connection).has_table(properties.name):
        known = read_properties(connection).get(DatabasePropertyName.FINGERPRINT)
    signs = [known == election_key_fingerprint(vault)] if known is not None else list(_signs(connection, vault))
    if signs and not any(signs):
        raise DatabaseRefused(NotReadyCause.WRONG_KEY, words.WRONG_KEY)


def write_properties(connection: Connection, vault: Vault) -> None:
    _write_properties(
        connection,
        {
            DatabasePropertyName.FINGERPRINT: election_key_fingerprint(vault),
            DatabasePropertyName.OLDEST_PROGRAM: OLDEST_PROGRAM,
        },
    )


def _write_properties(connection: Connection, stored: Mapping[DatabasePropertyName, str]) -> None:
    write = upsert(properties)
    write = write.on_conflict_do_update(index_elements=["name"], set_={"value": write.excluded.value})
    connection.execute(write, [{"name": name.value, "value": value} for name, value in stored.items()])


def _signs(connection: Connection, vault: Vault) -> Iterator[bool]:
    tables = inspect(connection)
    if tables.has_table(checkpoints.name):
        last = select(checkpoints.c.statement, checkpoints.c.signature).order_by(checkpoints.c.number.desc()).limit(1)
        for statement, signature in connection.execute(last):
            yield is_genuine_signature(vault.public_key(key_purposes.JOURNAL), statement.encode(), signature)
    rows = RowAuthenticator(vault)
    for protected in PROTECTED:
        if tables.has_table(protected.name) and MAC in {each["name"] for each in tables.get_columns(protected.name)}:
            tagged = select(*protected.columns).where(protected.table.c[MAC].is_not(None)).limit(ROWS_TRIED)
            for *values, mac in connection.execute(tagged):
                yield rows.has_valid_tag(protected, values, mac)
