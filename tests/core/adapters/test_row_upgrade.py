"""A database made before rows had tags gets them once, and a retired key's tags are made again, on either engine."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from core.adapters.key_vault import KeyVault, MasterKey, key_id_of
from core.adapters.random_source import SystemRandomSource
from core.adapters.sql import row_tag_upgrade
from core.adapters.sql.protected_row_examination import ProtectedRowExaminer
from core.adapters.sql.protected_tables import MAC, PROTECTED
from core.adapters.sql.roll import SqlRoll
from core.adapters.sql.row_authentication import RowAuthenticator, sealed_bytes
from core.adapters.sql.row_tag_upgrade import give_tags, renew_tags, row_upgrade_state
from core.adapters.sql.tables import voters
from core.ports import Actor, Event, EventType
from tests.conformance.polling_and_parallel_calls import eventually
from tests.support.database_writer import write_row
from tests.support.desk import an_approval_request, new_agent
from tests.support.election import CAMILLE, GOOD, STRANGER, SeededRandomSource, entry, vault, visit
from tests.support.former_database import take_tags_away
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
    return lived


def altered(kept: KeptStore, rows: RowAuthenticator = ROWS) -> list[str]:
    """Return the tables of rows that are not as they should be."""
    with kept.engine.connect() as connection:
        return [finding.table for finding in ProtectedRowExaminer(connection, rows).findings()]


def is_needed(kept: KeptStore) -> bool:
    """Tell whether rows are to be given tags."""
    with kept.engine.connect() as connection:
        return row_upgrade_state(connection).needed


def is_waiting_for_import(kept: KeptStore) -> bool:
    """Tell whether a connection waits for the lock of imports."""
    with kept.engine.connect() as connection:
        return connection.exec_driver_sql(WAITING).first() is not None


def mark(lived: World, reason: str) -> None:
    """Write the upgrade's event."""
    lived.dependencies.record(
        Event(at=lived.clock.now(), actor=Actor.OPERATOR, act=EventType.ROWS_AUTHENTICATED, reason=reason)
    )


def test_rows_of_the_former_version_get_tags(lived: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every row gets its tag and every credential its seal, some rows at a time, and the voter signs in as before."""
    monkeypatch.setattr(row_tag_upgrade, "AT_ONCE", 1)
    kept, counted = lived.kept, list[int]()
    take_tags_away(kept.engine, ROWS)
    assert set(altered(kept)) >= {protected.name for protected in PROTECTED}
    assert is_needed(kept)
    mark(lived, row_tag_upgrade.BEGUN)

    assert give_tags(kept.engine, ROWS, counted.append) == 0
    mark(lived, row_tag_upgrade.DONE)

    assert altered(kept) == []
    assert sum(counted) >= 6
    assert not is_needed(kept)
    assert lived.sessions.sign_in(CAMILLE, GOOD, visit()).session


def test_an_interrupted_upgrade_goes_on(lived: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows written before the interruption stay, and the second run writes the rest."""
    monkeypatch.setattr(row_tag_upgrade, "AT_ONCE", 1)
    take_tags_away(lived.kept.engine, ROWS)
    mark(lived, row_tag_upgrade.BEGUN)

    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        give_tags(lived.kept.engine, ROWS, interrupt)
    assert is_needed(lived.kept)
    left = altered(lived.kept)

    give_tags(lived.kept.engine, ROWS, lambda _: None)

    assert left.count("voters") == 1
    assert altered(lived.kept) == []


@pytest.mark.parametrize("done", [True, False])
def test_a_row_that_was_written_later_gets_no_tag(lived: World, *, done: bool) -> None:
    """A row without a tag is somebody else's when tags are there, whether by an upgrade or from the beginning."""
    if done:
        take_tags_away(lived.kept.engine, ROWS)
        mark(lived, row_tag_upgrade.BEGUN)
        give_tags(lived.kept.engine, ROWS, lambda _: None)
        mark(lived, row_tag_upgrade.DONE)

    write_row(lived.kept, voters, "id", lived.voter().id, {"mac": None, "frozen": None})

    assert not is_needed(lived.kept)


def test_digests_in_the_journal_show_that_tags_were_there(lived: World) -> None:
    """A database whose tags were all removed does not pass for a former one: the journal holds digests of credentials."""
    with lived.kept.engine.execution_options(writes=True).begin() as connection:
        for protected in PROTECTED:
            connection.execute(update(protected.table).values({MAC: None}))

    assert not is_needed(lived.kept)


def test_a_voter_who_disagrees_with_the_journal_gets_no_tag(lived: World) -> None:
    """A password that was chosen at another time than the journal says was not chosen here."""
    number = lived.voter().id
    take_tags_away(lived.kept.engine, ROWS)
    later = lived.clock.now() + timedelta(days=1)
    write_row(lived.kept, voters, "id", number, {"password_set": later})

    assert give_tags(lived.kept.engine, ROWS, lambda _: None) == 1
    assert altered(lived.kept) == ["voters"]


def test_a_retired_keys_tags_are_made_again(lived: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tags and credentials of the former key are made with the new one, and only that one is needed afterwards."""
    monkeypatch.setattr(row_tag_upgrade, "AT_ONCE", 1)
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
            tags = connection.execute(select(protected.table.c[MAC])).scalars().all()
            assert {key_id_of(bytes(tag)) for tag in tags} == {2}
        sealed = connection.execute(select(voters.c.password)).scalars().all()
    assert {key_id_of(sealed_bytes(each)) for each in sealed} == {2}


def test_a_retirement_waits_for_an_import(tmp_path: Path) -> None:
    """The rows of an import that began before get new tags too, though PostgreSQL shows them at its end only."""
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
    """An altered row with a tag of the former key keeps it, and is refused as before."""
    write_row(lived.kept, voters, "id", lived.voter().id, {"frozen": lived.clock.now()})

    renew_tags(lived.kept.engine, ROWS, {1})

    assert altered(lived.kept) == ["voters"]
