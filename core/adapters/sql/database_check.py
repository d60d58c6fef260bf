"""Checks that a database has this program's tables and was written with its keys, before it is used."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, inspect, select

from core.adapters.database_clock import DatabaseSyncedClock
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
from core.text.text import Text

OLDEST_PROGRAM = "0001"
"""The revision of the oldest programs that can use this version's tables.

Revisions only add to the previous version's tables, so hosts can be upgraded one after the other (CONTRIBUTING).
"""
SHOWN = 5
FINGERPRINTED = b"retrouve"
SERVER_CLOCK = "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)"
"""The PostgreSQL server's clock in microseconds since 1970. Hosts follow it. SQLite uses the host's own clock."""


class DatabasePropertyName(StrEnum):
    FINGERPRINT = "fingerprint"
    OLDEST_PROGRAM = "oldest-program"


class DatabaseRefused(StoreUnavailable):
    """This program must not use the database. `reason` gives the cause and the remedy."""

    def __init__(self, cause: NotReadyCause, reason: Text) -> None:
        super().__init__(cause.value)
        self.cause, self.reason = cause, reason

    @property
    def is_permanent(self) -> bool:
        return self.cause in {NotReadyCause.SCHEMA, NotReadyCause.WRONG_KEY}


def election_key_fingerprint(vault: Vault) -> str:
    """Return the fingerprint of an election's keys. It is the same for every role and after rotations."""
    return vault.digest(key_purposes.FINGERPRINT, FINGERPRINTED).hex()


class DatabaseTablesAndKeysCheck:
    """Checks a database for one program, and synchronises the program's clock with it."""

    def __init__(self, vault: Vault, clock: DatabaseSyncedClock) -> None:
        self._fingerprint = election_key_fingerprint(vault)
        self.clock = clock

    def __call__(self, engine: Engine) -> None:
        """Check the database. Raises DatabaseRefused, SQLAlchemyError."""
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


def read_properties(connection: Connection) -> Mapping[str, str]:
    return {row.name: row.value for row in connection.execute(select(properties.c.name, properties.c.value))}


def require_utf8(connection: Connection) -> None:
    """Check that a PostgreSQL database is encoded in UTF-8. Raises DatabaseRefused."""
    if connection.dialect.name == "sqlite":
        return
    driver: Any = connection.connection.driver_connection
    encoding = driver.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise DatabaseRefused(NotReadyCause.SCHEMA, words.NOT_UTF8.fill({"encoding": encoding}))


def require_compatible_tables(connection: Connection) -> None:
    """Check the encoding, and that the tables are of this version or the next. Raises DatabaseRefused."""
    require_utf8(connection)
    revision = schema_version.last_applied_migration(connection)
    if revision is None:
        raise DatabaseRefused(NotReadyCause.UNREACHABLE, words.NO_TABLES)
    if revision != schema_version.HEAD and (oldest_program(connection) or revision) > schema_version.HEAD:
        require_upgradable_tables(connection)
    if revision < schema_version.HEAD:
        facts = {"found": revision, "expected": schema_version.HEAD}
        raise DatabaseRefused(NotReadyCause.SCHEMA, words.OLDER_TABLES.fill(facts))
    missing = differing_schema_objects(declared_schema(connection.dialect), read_schema(connection))
    if missing:
        named = ", ".join(missing[:SHOWN]) + (" …" if len(missing) > SHOWN else "")
        raise DatabaseRefused(NotReadyCause.SCHEMA, words.OTHER_TABLES.fill({"revision": revision, "missing": named}))


def require_upgradable_tables(connection: Connection) -> None:
    """Check that the tables are neither from before 1.0 nor newer than this program. Raises DatabaseRefused."""
    revision = schema_version.last_applied_migration(connection)
    if revision is None or revision == schema_version.HEAD:
        return
    facts = {"found": revision, "expected": schema_version.HEAD}
    if oldest_program(connection) is None:
        raise DatabaseRefused(NotReadyCause.SCHEMA, words.FORMER_TABLES.fill(facts))
    if revision > schema_version.HEAD:
        raise DatabaseRefused(NotReadyCause.SCHEMA, words.NEWER_TABLES.fill(facts))


def oldest_program(connection: Connection) -> str | None:
    """Return the revision of the oldest programs that can use the tables, or None for tables from before 1.0.

    Versions before 1.0 also numbered their revisions from 0001, but did not write this property.
    """
    if not inspect(connection).has_table(properties.name):
        return None
    return read_properties(connection).get(DatabasePropertyName.OLDEST_PROGRAM)


ROWS_TRIED = 50
"""Enough rows that some are genuine even if others were altered."""


def require_own_keys(connection: Connection, vault: Vault) -> None:
    """Check that the database was written with these keys, or has no evidence of keys. Raises DatabaseRefused."""
    known = None
    if inspect(connection).has_table(properties.name):
        known = read_properties(connection).get(DatabasePropertyName.FINGERPRINT)
    told = [known == election_key_fingerprint(vault)] if known is not None else list(_signs(connection, vault))
    if told and not any(told):
        raise DatabaseRefused(NotReadyCause.WRONG_KEY, words.WRONG_KEY)


def write_properties(connection: Connection, vault: Vault) -> None:
    """Write the properties of a database of this version."""
    told = {
        DatabasePropertyName.FINGERPRINT: election_key_fingerprint(vault),
        DatabasePropertyName.OLDEST_PROGRAM: OLDEST_PROGRAM,
    }
    write = upsert(properties)
    write = write.on_conflict_do_update(index_elements=["name"], set_={"value": write.excluded.value})
    connection.execute(write, [{"name": name.value, "value": value} for name, value in told.items()])


def _signs(connection: Connection, vault: Vault) -> Iterator[bool]:
    """Yield, for the last checkpoint and some tagged rows of each table, whether these keys made them."""
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
