"""What every store keeps of the journal's chain."""

from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import insert

from core.adapters.memory import MemoryStore
from core.adapters.sql.tables import events
from core.journal import form
from core.journal.sealing import next_gaps, next_seals
from core.ports import (
    Act,
    Actor,
    ChainEnd,
    Checkpoint,
    Event,
    Gap,
    Line,
    Moved,
    Pending,
    Seal,
    Store,
    Transaction,
)
from tests.support.election import NOON, ODD
from tests.support.stores import Kept

MANY = 100


def write(store: Store, count: int = 1, **changes: object) -> None:
    """So many lines."""
    usual = Event(at=ODD, actor=Actor.VOTER, act=Act.ASKED, case="7F3K-92QD", voter=7, reason="é")
    with store.write() as transaction:
        for _ in range(count):
            transaction.journal.write(
                Event(**{name: getattr(usual, name) for name in Event.__struct_fields__} | changes)
            )


def seal(store: Store, limit: int = MANY) -> list[Seal]:
    """One batch."""
    with store.write() as transaction:
        return seal_within(transaction, limit)


def seal_within(transaction: Transaction, limit: int = MANY) -> list[Seal]:
    """The same in that transaction."""
    end = transaction.chain.end()
    lines = transaction.chain.unsealed(end, limit=limit)
    seals = next_seals(end, lines)
    if seals:
        transaction.chain.seal(end, seals, next_gaps(end, lines))
    return seals


def chain(store: Store, after: int = 0) -> list[tuple[Seal, Line | None]]:
    """All of it."""
    with store.read() as transaction:
        return list(transaction.chain.seals(after=after))


def test_an_empty_journal_has_nothing_to_seal(store: Store) -> None:
    """And its chain ends where it begins."""
    with store.read() as transaction:
        end = transaction.chain.end()
        assert end == ChainEnd(0, form.GENESIS, 0, ())
        assert transaction.chain.unsealed(end, limit=MANY) == []
        assert transaction.chain.tail() == Pending(0, None)
        assert transaction.chain.checkpoint() is None
    assert chain(store) == []


def test_the_chain_goes_over_every_line_in_batches(store: Store) -> None:
    """Each with all its columns, as they were written."""
    write(store, 3)
    write(store, 2, case=None, voter=None, reason=None, at=NOON)
    first, second = seal(store, limit=2), seal(store)

    found = chain(store)

    assert [each for each, _ in found] == first + second
    assert [line.number for _, line in found if line] == [1, 2, 3, 4, 5]
    last = found[-1][1]
    assert last is not None
    assert {name: value for name, value in last.columns.items() if value is not None} == {
        "at": NOON,
        "actor": "voter",
        "act": "asked",
    }
    assert chain(store, after=4) == found[4:]
    assert seal(store) == []


def test_lines_wait_at_the_tail_until_they_are_sealed(store: Store) -> None:
    """How many, and since when the oldest."""
    write(store)
    write(store, at=NOON)
    seal(store, limit=1)

    with store.read() as transaction:
        assert transaction.chain.tail() == Pending(1, NOON)


def test_of_two_who_seal_the_same_lines_one_wins(store: Store) -> None:
    """The other learns that the chain has moved, and nothing of its work is kept."""
    write(store, 3)
    with store.read() as transaction:
        end = transaction.chain.end()
        lines = transaction.chain.unsealed(end, limit=MANY)
    seals = next_seals(end, lines)
    with store.write() as transaction:
        transaction.chain.seal(end, seals[:2], ())

    with pytest.raises(Moved), store.write() as transaction:
        transaction.chain.seal(end, seals, (Gap(8, 9),))

    assert [each for each, _ in chain(store)] == seals[:2]
    with store.read() as transaction:
        assert transaction.chain.end() == ChainEnd(2, seals[1].digest, 2, ())


def test_a_line_that_has_its_seal_gets_no_other(store: Store) -> None:
    """Not at a place of its own either: on PostgreSQL whoever seals at the same time may find the line taken first."""
    write(store, 2)
    first, _ = seal(store)
    with store.read() as transaction:
        end = transaction.chain.end()

    with pytest.raises(Moved), store.write() as transaction:
        transaction.chain.seal(end, [msgspec.structs.replace(first, position=end.position + 1)], ())


def test_checkpoints_are_kept_by_number(store: Store) -> None:
    """A number is given once."""
    one, two = Checkpoint(1, "statement\n", b"signature"), Checkpoint(2, "é", b"")
    with store.write() as transaction:
        transaction.chain.attest(two)
        transaction.chain.attest(one)

    with pytest.raises(Moved), store.write() as transaction:
        transaction.chain.attest(Checkpoint(2, "another", b""))

    with store.read() as transaction:
        assert transaction.chain.checkpoint() == two
        assert transaction.chain.checkpoint(1) == one
        assert transaction.chain.checkpoint(3) is None
        assert transaction.chain.checkpoints() == [one, two]


def test_what_a_checkpoint_says_of_itself_calls_for_no_other(store: Store) -> None:
    """Otherwise an idle night would be attested every hour."""
    write(store, 2)
    write(store, case="0000-0001", at=NOON - timedelta(days=1))
    write(store, case=None, at=NOON)
    seal(store)
    write(store)

    with store.read() as transaction:
        assert transaction.chain.unattested(after=0) == Pending(3, NOON)
        assert transaction.chain.unattested(after=2) == Pending(1, NOON)
        assert transaction.chain.unattested(after=4) == Pending(0, None)


# ── Transactions that end in another order than they began ───────────────────────────────────────────────


def put(kept: Kept, number: int) -> None:
    """A line of that number, as PostgreSQL lets one appear after greater ones."""
    event = Event(at=NOON, actor=Actor.VOTER, act=Act.ASKED)
    if kept.engine is None:
        assert isinstance(kept.store, MemoryStore)
        kept.store._shelf.events[number] = event
        return
    with kept.engine.begin() as connection:
        connection.execute(insert(events), {"id": number, **msgspec.structs.asdict(event)})


def test_a_line_that_appears_late_gets_a_later_place(kept: Kept) -> None:
    """Its number was passed over; it is neither skipped nor given twice, and abandoned numbers stop nothing."""
    for number in (1, 4, 9):
        put(kept, number)
    seal(kept.store)
    with kept.store.read() as transaction:
        assert transaction.chain.end().gaps == (Gap(2, 3), Gap(5, 8))

    for number in (6, 10, 2):
        put(kept, number)
    with kept.store.read() as transaction:
        assert transaction.chain.tail().lines == 3
        assert list(transaction.chain.strays()) == []
    seal(kept.store, limit=2)
    seal(kept.store)

    assert [seal.line for seal, _ in chain(kept.store)] == [1, 4, 9, 2, 6, 10]
    with kept.store.read() as transaction:
        assert transaction.chain.end().gaps == (Gap(3, 3), Gap(5, 5), Gap(7, 8))
        assert transaction.chain.tail() == Pending(0, None)


def test_a_line_under_a_sealed_number_is_a_stray(kept: Kept) -> None:
    """Nothing of ours writes there."""
    put(kept, 5)
    with kept.store.write() as transaction:
        end = transaction.chain.end()
        transaction.chain.seal(end, next_seals(end, transaction.chain.unsealed(end, limit=MANY)), ())
    put(kept, 3)

    assert seal(kept.store) == []
    with kept.store.read() as transaction:
        assert [line.number for line in transaction.chain.strays()] == [3]
