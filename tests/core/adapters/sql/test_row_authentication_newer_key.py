"""A host that lacks the newest key does not take rows that another host has sealed with it for forgeries."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from core.adapters.database_clock import DatabaseSyncedClock
from core.adapters.key_vault import KeyVault
from core.adapters.master_keys import SECRET_BYTES, MasterKey
from core.adapters.sql.database_check import AnnouncedKey, DatabaseTablesAndKeysCheck, announce_key, write_properties
from core.adapters.sql.row_authentication import RowAuthenticator
from core.adapters.sql.store import SqlStore
from core.adapters.sql.tables import properties
from core.flows.registry import states_by_flow
from core.ports import ProcessMeasurements, StoreUnavailable
from core.security import key_purposes
from tests.support.election import CAMILLE, OPENS, SeededRandomSource, add_voters, entry
from tests.support.stores import KeptStore, reading

ENTROPY = SeededRandomSource()
FIRST, SECOND = (MasterKey(id=number, secret=ENTROPY.random_bytes(SECRET_BYTES), created=OPENS) for number in (1, 2))
CONTEXT = b"context"


class Counts(ProcessMeasurements):
    def __init__(self) -> None:
        self.rows = Counter[str]()

    def count_refused_row(self, table: str) -> None:
        self.rows[table] += 1


def test_case_69_what_the_newest_key_has_sealed_is_unavailable_and_not_forged(kept: KeptStore) -> None:
    """CASE 69: a host that lacks an announced key reports rows sealed with it as unavailable, and not as forged."""
    ahead, behind, counts = KeyVault([FIRST, SECOND], ENTROPY), KeyVault([FIRST], ENTROPY), Counts()
    check = DatabaseTablesAndKeysCheck(behind, DatabaseSyncedClock())
    rows = RowAuthenticator(behind, counts)
    host = SqlStore(kept.engine, states_by_flow(), rows, check)
    with kept.engine.execution_options(writes=True).begin() as connection:
        write_properties(connection, behind)
        announce_key(connection, behind, AnnouncedKey(2, datetime.now(UTC) + timedelta(minutes=15)))
    add_voters(SqlStore(kept.engine, states_by_flow(), RowAuthenticator(ahead)), entry())
    value = ahead.seal(key_purposes.STOP_LINK, b"clear", context=CONTEXT)

    with pytest.raises(StoreUnavailable):
        reading(host).voters.by_address(CAMILLE)
    with pytest.raises(StoreUnavailable):
        behind.open(key_purposes.STOP_LINK, value, context=CONTEXT)
    assert (counts.rows, rows.altered_tables) == (Counter(), set())
    assert host.missing_key() is not None


def test_a_row_of_a_key_that_nobody_has_announced_is_forged(kept: KeptStore) -> None:
    """A row that is sealed with a key that was never announced counts as forged."""
    behind, counts = KeyVault([FIRST], ENTROPY), Counts()
    with kept.engine.execution_options(writes=True).begin() as connection:
        write_properties(connection, behind)
        announce_key(connection, behind, AnnouncedKey(1, OPENS))
    add_voters(SqlStore(kept.engine, states_by_flow(), RowAuthenticator(KeyVault([FIRST, SECOND], ENTROPY))), entry())
    check = DatabaseTablesAndKeysCheck(behind, DatabaseSyncedClock())
    host = SqlStore(kept.engine, states_by_flow(), RowAuthenticator(behind, counts), check)

    assert reading(host).voters.by_address(CAMILLE) is None
    assert counts.rows == {"voters": 1}
    assert host.missing_key() is None


@pytest.mark.parametrize(
    "forged", ["255 2020-01-01T00:00:00+00:00", "2 2020-01-01T00:00:00", "2 never", "", f"255 2020-01-01 {'é' * 64}"]
)
def test_an_announcement_without_the_keys_of_the_election_is_ignored(
    kept: KeptStore, caplog: pytest.LogCaptureFixture, forged: str
) -> None:
    """Whoever can only write to the database cannot announce a key. The attempt is logged."""
    vault = KeyVault([FIRST], ENTROPY)
    check = DatabaseTablesAndKeysCheck(vault, DatabaseSyncedClock())
    host = SqlStore(kept.engine, states_by_flow(), RowAuthenticator(vault), check)
    with kept.engine.execution_options(writes=True).begin() as connection:
        write_properties(connection, vault)
        announce_key(connection, vault, AnnouncedKey(2, OPENS))
        connection.execute(update(properties).where(properties.c.name == "newest-key").values(value=forged))

    host.check()

    assert (host.missing_key(), vault.announced_key) == (None, 0)
    assert [record.getMessage() for record in caplog.records] == ["row-not-authentic"]
