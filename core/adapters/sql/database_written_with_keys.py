"""Tells whether a database was written with an election's keys, also one from before it said so itself."""

from collections.abc import Iterator

from sqlalchemy import Connection, inspect, select

from core.adapters.no_measurements_and_hash_timing import NoMeasurements
from core.adapters.sql.database_tables_and_keys_check import (
    ACCEPTED_SINCE,
    DatabaseProperty,
    DatabaseRefused,
    election_key_fingerprint,
    read_properties,
)
from core.adapters.sql.protected_tables import MAC, PROTECTED
from core.adapters.sql.row_authentication import RowAuthenticator
from core.adapters.sql.tables import checkpoints, properties
from core.adapters.sql.upsert import upsert
from core.journal.checkpoints import is_genuine_signature
from core.ports import Vault
from core.security import key_purposes
from core.text.faces import readiness_sentences as words
from core.text.faces.readiness_sentences import NotReadyCause

ROWS_TRIED = 50
"""Some rows may have been altered: all these are not."""


def require_own_keys(connection: Connection, vault: Vault) -> None:
    """Check that the database is of these keys, or has nothing that tells. Raises DatabaseRefused."""
    known = None
    if inspect(connection).has_table(properties.name):
        known = read_properties(connection).get(DatabaseProperty.FINGERPRINT)
    told = [known == election_key_fingerprint(vault)] if known is not None else list(_signs(connection, vault))
    if told and not any(told):
        raise DatabaseRefused(NotReadyCause.WRONG_KEY, words.WRONG_KEY)


def write_properties(connection: Connection, vault: Vault) -> None:
    """Write what a database of this version tells of itself."""
    told = {
        DatabaseProperty.FINGERPRINT: election_key_fingerprint(vault),
        DatabaseProperty.ACCEPTED_SINCE: ACCEPTED_SINCE,
    }
    write = upsert(properties)
    write = write.on_conflict_do_update(index_elements=["name"], set_={"value": write.excluded.value})
    connection.execute(write, [{"name": name.value, "value": value} for name, value in told.items()])


def _signs(connection: Connection, vault: Vault) -> Iterator[bool]:
    """Yield of the last checkpoint, and of some tagged rows of each table, whether these keys made them."""
    tables = inspect(connection)
    if tables.has_table(checkpoints.name):
        last = select(checkpoints.c.statement, checkpoints.c.signature).order_by(checkpoints.c.number.desc()).limit(1)
        for statement, signature in connection.execute(last):
            yield is_genuine_signature(vault.public_key(key_purposes.JOURNAL), statement.encode(), signature)
    rows = RowAuthenticator(vault, NoMeasurements())
    for protected in PROTECTED:
        if tables.has_table(protected.name) and MAC in {each["name"] for each in tables.get_columns(protected.name)}:
            tagged = select(*protected.columns).where(protected.table.c[MAC].is_not(None)).limit(ROWS_TRIED)
            for *values, mac in connection.execute(tagged):
                yield rows.has_valid_tag(protected, values, mac)
