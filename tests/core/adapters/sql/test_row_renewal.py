"""When a key is retired, the authentication tags of all rows are made again with the newest key."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from core.adapters.key_vault import KeyVault, MasterKey, key_id_of
from core.adapters.random_source import SystemRandomSource
from core.adapters.sql import row_renewal
from core.adapters.sql.protected_tables import MAC, PROTECTED
from core.adapters.sql.roll import SqlRoll
from core.adapters.sql.row_authentication import RowAuthenticator, sealed_bytes
from core.adapters.sql.row_examination import ProtectedRowExaminer
from core.adapters.sql.row_renewal import renew_tags
from core.adapters.sql.tables import voters
from core.ports import MessageKind
from tests.conformance.waiting import eventually
from tests.support.database_writer import write_row
from tests.support.desk import an_approval_request, an_incident, new_agent
from tests.support.election import CLOSES, NOON, STRANGER, SeededRandomSource, entry, vault
from tests.support.reissues import reissuer
from tests.support.stores import ROWS, STORES, KeptStore, writing
from tests.support.worlds import World, world

PATIENCE_SECONDS = 180
WAITING = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'advisory'"


@pytest.fixture(name="lived")
def election_on_each_engine(kept: KeptStore) -> World:
    """An election in which every protected table has rows."""
    lived = world(kept)
    reissuer(lived).order()
    new_agent(lived)
    writing(lived.store).signature_requests.add(an_approval_request(lived.voter().id))
    lived.add(entry(STRANGER))
    lived.with_password(email=STRANGER)
    writing(lived.store).incidents.add(an_incident())
    writing(lived.store).outbox.put(kind=MessageKind.ASK, case="7F3K-92QD", at=NOON, useful_until=CLOSES)
    return lived


def altered(kept: KeptStore, rows: RowAuthenticator = ROWS) -> list[str]:
    """Return the table of each row that the examination reports."""
    with kept.engine.connect() as connection:
        return [finding.table for finding in ProtectedRowExaminer(connection, rows).findings()]


def is_waiting_for_import(kept: KeptStore) -> bool:
    """Return whether a connection waits for the lock of roll imports."""
    with kept.engine.connect() as connection:
        return connection.exec_driver_sql(WAITING).first() is not None


def test_a_retired_keys_tags_are_made_again(lived: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """All tags and encrypted passwords are made again with the new key, so the old key is no longer needed."""
    monkeypatch.setattr(row_renewal, "BATCH_ROWS", 1)
    first = MasterKey(id=1, secret=SeededRandomSource().random_bytes(32), created=datetime.now(UTC))
    second = MasterKey(id=2, secret=b"2" * 32, created=datetime.now(UTC))
    both = RowAuthenticator(KeyVault([first, second], SystemRandomSource()))
    retired = MasterKey(id=1, secret=first.secret, created=first.created, retired=datetime.now(UTC))
    alone = RowAuthenticator(KeyVault([retired, second], SystemRandomSource()))
    assert vault(SeededRandomSource()).digest("x", b"") == KeyVault([first], SystemRandomSource()).digest("x", b"")
    assert altered(lived.kept, both) == []

    renew_tags(lived.kept.engine, both, {1})

    assert altered(lived.kept, alone) == []
    with lived.kept.engine.connect() as connection:
        for protected in PROTECTED:
            tags = connection.execute(select(protected.table.c[MAC]).where(protected.examined)).scalars().all()
            assert {key_id_of(bytes(tag)) for tag in tags} == {2}
        sealed = connection.execute(select(voters.c.password)).scalars().all()
    assert {key_id_of(sealed_bytes(each)) for each in sealed} == {2}


def test_on_postgresql_a_retirement_waits_for_an_import(tmp_path: Path) -> None:
    """On PostgreSQL, the retirement of a key waits for a running roll import, whose rows then get new tags too."""
    first, second = (MasterKey(id=number, secret=bytes([number]) * 32, created=datetime.now(UTC)) for number in (1, 2))
    before, after = (RowAuthenticator(KeyVault(keys, SystemRandomSource())) for keys in ([first], [first, second]))
    with STORES["postgresql"](tmp_path) as kept, ThreadPoolExecutor(1) as pool:
        with kept.engine.begin() as connection:
            roll = SqlRoll(connection, before)
            roll.lock()
            roll.add([entry()])
            renewed = pool.submit(renew_tags, kept.engine, after, {1})
            eventually(lambda: renewed.done() or is_waiting_for_import(kept), "a retirement that waits")
        renewed.result(PATIENCE_SECONDS)

        with kept.engine.connect() as connection:
            (tag,) = connection.execute(select(voters.c[MAC])).scalars()
    assert key_id_of(bytes(tag)) == 2


def test_a_retirement_signs_nothing_that_is_not_authentic(lived: World) -> None:
    """The retirement of a key does not make a valid tag for a row that was altered."""
    write_row(lived.kept, voters, "id", lived.voter().id, {"frozen": lived.clock.now()})

    renew_tags(lived.kept.engine, ROWS, {1})

    assert altered(lived.kept) == ["voters"]
