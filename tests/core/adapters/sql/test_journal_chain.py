"""Every store handles the journal's hash chain in the same way."""

from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import insert

from core.adapters.sql.tables import events
from core.journal.hash_chain import next_gaps, next_seals
from core.journal.verifier import GENESIS
from core.ports import (
    Actor,
    Backlog,
    Checkpoint,
    ConflictError,
    Event,
    EventType,
    JournalChainEnd,
    JournalLine,
    JournalLineGap,
    JournalLineSeal,
    Store,
    Transaction,
)
from tests.support.election import NOON, ODD
from tests.support.stores import KeptStore, reading, writing

MANY = 100


def write(store: Store, count: int = 1, **changes: object) -> None:
    usual = Event(at=ODD, actor=Actor.VOTER, act=EventType.ASKED, case="7F3K-92QD", voter=7, reason="é")
    with store.write() as transaction:
        for _ in range(count):
            transaction.journal.write(
                Event(**{name: getattr(usual, name) for name in Event.__struct_fields__} | changes)
            )


def seal(store: Store, limit: int = MANY) -> list[JournalLineSeal]:
    with store.write() as transaction:
        return seal_within(transaction, limit)


def seal_within(transaction: Transaction, limit: int = MANY) -> list[JournalLineSeal]:
    """Seal one batch within a transaction."""
    end = transaction.chain.end()
    lines = transaction.chain.unsealed(end, limit=limit)
    seals = next_seals(end, lines)
    if seals:
        transaction.chain.seal(end, seals, next_gaps(end, lines))
    return seals


def chain(store: Store, after: int = 0) -> list[tuple[JournalLineSeal, JournalLine | None]]:
    with store.read() as transaction:
        return list(transaction.chain.seals(after=after))


def test_an_empty_journal_has_nothing_to_seal(store: Store) -> None:
    """An empty journal has nothing to seal, and its chain is at its start."""
    with store.read() as transaction:
        end = transaction.chain.end()
        assert end == JournalChainEnd(0, GENESIS, 0, ())
        assert transaction.chain.unsealed(end, limit=MANY) == []
        assert transaction.chain.count_unsealed() == Backlog(0, None)
        assert transaction.chain.checkpoint() is None
    assert chain(store) == []


def test_the_chain_covers_every_event_in_batches(store: Store) -> None:
    """The chain covers every event, also in several batches, with all columns as they were written."""
    write(store, 3)
    write(store, 2, case=None, voter=None, reason=None, at=NOON)
    first, second = seal(store, limit=2), seal(store)

    found = chain(store)

    assert [each for each, _ in found] == first + second
    assert [line.number for _, line in found if line] == [1, 2, 3, 4, 5]
    last = found[-1][1]
    assert last is not None
    signature = {"program", "uid", "signature"}
    assert {name: value for name, value in last.columns.items() if value is not None and name not in signature} == {
        "at": NOON,
        "actor": "voter",
        "act": "asked",
    }
    assert chain(store, after=4) == found[4:]
    assert seal(store) == []


def test_the_tail_counts_unsealed_events(store: Store) -> None:
    """The store returns the number of unsealed events and the time of the oldest."""
    write(store)
    write(store, at=NOON)
    seal(store, limit=1)

    assert reading(store).chain.count_unsealed() == Backlog(1, NOON)


def test_of_two_sealers_of_the_same_events_one_succeeds(store: Store) -> None:
    """If two sealers seal the same events, one succeeds and the other is rolled back."""
    write(store, 3)
    end = reading(store).chain.end()
    lines = reading(store).chain.unsealed(end, limit=MANY)
    seals = next_seals(end, lines)
    writing(store).chain.seal(end, seals[:2], ())

    with pytest.raises(ConflictError), store.write() as transaction:
        transaction.chain.seal(end, seals, (JournalLineGap(8, 9),))

    assert [each for each, _ in chain(store)] == seals[:2]
    end = reading(store).chain.end()
    assert end == JournalChainEnd(2, seals[1].digest, 2, ())

    with pytest.raises(ConflictError), store.write() as transaction:
        transaction.chain.seal(end, [msgspec.structs.replace(seals[0], position=end.position + 1)], ())


def test_checkpoints_are_kept_by_number(store: Store) -> None:
    """Checkpoints are stored by number, and a number cannot be used twice."""
    one, two = Checkpoint(1, "statement\n", b"signature"), Checkpoint(2, "é", b"")
    with store.write() as transaction:
        transaction.chain.add_checkpoint(two)
        transaction.chain.add_checkpoint(one)

    with pytest.raises(ConflictError), store.write() as transaction:
        transaction.chain.add_checkpoint(Checkpoint(2, "another", b""))

    with store.read() as transaction:
        assert transaction.chain.checkpoint() == two
        assert transaction.chain.checkpoint(1) == one
        assert transaction.chain.checkpoint(3) is None
        assert transaction.chain.checkpoints() == [one, two]


def test_a_checkpoint_event_causes_no_other_checkpoint(store: Store) -> None:
    """The event about a checkpoint does not count as a new line.

    Otherwise an idle night would have a checkpoint every hour.
    """
    write(store, 2)
    write(store, case="0000-0001", at=NOON - timedelta(days=1))
    write(store, case=None, at=NOON)
    seal(store)
    write(store)

    assert reading(store).chain.count_unattested(after=0) == Backlog(3, NOON)
    assert reading(store).chain.count_unattested(after=2) == Backlog(1, NOON)
    assert reading(store).chain.count_unattested(after=4) == Backlog(0, None)


# ── Transactions that commit out of order ────────────────────────────────────────────────────────────────


def put(kept: KeptStore, number: int) -> None:
    """Insert an event with a given number. On PostgreSQL, it may appear after greater numbers."""
    event = Event(at=NOON, actor=Actor.VOTER, act=EventType.ASKED)
    with kept.engine.begin() as connection:
        connection.execute(insert(events), {"id": number, **msgspec.structs.asdict(event)})


def test_a_late_event_gets_a_later_place(kept: KeptStore) -> None:
    """An event that appears late gets a later place in the chain, and unused numbers do not stop the sealing."""
    for number in (1, 4, 9):
        put(kept, number)
    seal(kept.store)
    assert reading(kept.store).chain.end().gaps == (JournalLineGap(2, 3), JournalLineGap(5, 8))

    for number in (6, 10, 2):
        put(kept, number)
    with kept.store.read() as transaction:
        assert transaction.chain.count_unsealed().waiting == 3
        assert list(transaction.chain.lines_outside_chain()) == []
    seal(kept.store, limit=2)
    seal(kept.store)

    assert [seal.line for seal, _ in chain(kept.store)] == [1, 4, 9, 2, 6, 10]
    assert reading(kept.store).chain.end().gaps == (JournalLineGap(3, 3), JournalLineGap(5, 5), JournalLineGap(7, 8))
    assert reading(kept.store).chain.count_unsealed() == Backlog(0, None)


def test_an_event_under_a_sealed_number_is_a_stray(kept: KeptStore) -> None:
    """An event that is inserted later with a number that is already sealed is found as a stray."""
    put(kept, 5)
    with kept.store.write() as transaction:
        end = transaction.chain.end()
        transaction.chain.seal(end, next_seals(end, transaction.chain.unsealed(end, limit=MANY)), ())
    put(kept, 3)

    assert seal(kept.store) == []
    with kept.store.read() as transaction:
        assert [line.number for line in transaction.chain.lines_outside_chain()] == [3]
