"""What every store does when many act in the same instant."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import Column, Update, bindparam, or_, true, update

from core.adapters.sql import moves, recoveries, voters
from core.ports import Durability, Exhausted, Moved, ParcelKind, Recovery, Store
from core.recovery import Confirming, Identified
from tests.support.election import CAMILLE, NOON, add_voters, entry
from tests.support.stores import Kept

CROWD = 32
REPEATS = 50
LEASE = timedelta(minutes=2)


@contextmanager
def crowd() -> Iterator[Callable[[Callable[[], object]], list[object]]]:
    """A way to do one thing by 32 threads at once, and to learn what each got: its answer, or the exception's type."""
    start = Barrier(CROWD)

    def tried(act: Callable[[], object]) -> object:
        start.wait()
        try:
            return act()
        except Moved as moved:
            return type(moved)

    with ThreadPoolExecutor(CROWD) as pool:
        yield lambda act: list(pool.map(tried, [act] * CROWD))


def winners(store: Store, repeats: int) -> list[int]:
    """How many of 32 who read the same version of a case move it, each time."""
    first, then = Identified(typed=CAMILLE, address=CAMILLE), Confirming(typed=CAMILLE, address=CAMILLE)
    won = []
    with crowd() as together:
        for repeat in range(repeats):
            case = Recovery(handle=bytes([repeat]), number=str(repeat), flow="mot-de-passe", state=first, began=NOON)
            with store.write(Durability.RELAXED) as transaction:
                transaction.recoveries.add(case)

            def move(case: Recovery = case) -> str:
                with store.write(Durability.RELAXED) as transaction:
                    transaction.recoveries.move(case, then)
                return "won"

            won.append(together(move).count("won"))
    return won


def test_case_12_of_32_moves_of_one_version_one_wins(store: Store) -> None:
    """Fifty times over."""
    assert winners(store, REPEATS) == [1] * REPEATS


def without_version(key: Column[object], version: Column[object]) -> Update:
    """The compare-and-swap as it must not be."""
    return update(key.table).where(key == bindparam(moves.ROW), or_(version == bindparam(moves.EXPECTED), true()))


@pytest.mark.parametrize("port", [recoveries, voters])
def test_case_12_without_the_version_check_more_than_one_wins(
    sql_kept: Kept, monkeypatch: pytest.MonkeyPatch, port: object
) -> None:
    """So the tests of the version are held up by the version, and by nothing else: the mutation is seen."""
    monkeypatch.setattr(moves, "swap", without_version)

    won = winners(sql_kept.store, 1)[0] if port is recoveries else choosers(sql_kept.store)

    assert won == CROWD


def choosers(store: Store) -> int:
    """How many of 32 who read the same epoch choose the password."""
    (voter,) = add_voters(store, entry())

    def choose() -> str:
        with store.write(Durability.RELAXED) as transaction:
            transaction.voters.choose_password(voter.id, "hash", epoch=0, at=NOON)
        return "won"

    with crowd() as together:
        return together(choose).count("won")


def test_case_12_of_32_passwords_on_one_epoch_one_wins(store: Store) -> None:
    """The others learn that another moved first."""
    assert choosers(store) == 1


def test_case_3_a_counter_shared_by_32_lets_through_its_limit_exactly(store: Store) -> None:
    """Neither one more nor one fewer."""

    def take() -> bool:
        with store.write(Durability.RELAXED) as transaction:
            return transaction.throttle.take(b"bucket", limit=10, window=timedelta(hours=1), now=NOON).allowed

    with crowd() as together:
        allowed = together(take) + together(take)

    assert Counter(allowed) == {True: 10, False: 2 * CROWD - 10}


def test_case_3_of_32_who_spend_from_one_counter_its_limit_can(store: Store) -> None:
    """The others come to nothing."""

    def spend() -> bool:
        try:
            with store.write(Durability.RELAXED) as transaction:
                transaction.throttle.spend(b"bucket", limit=10, window=timedelta(hours=1), now=NOON)
        except Exhausted:
            return False
        return True

    with crowd() as together:
        could = together(spend)

    assert Counter(could) == {True: 10, False: CROWD - 10}


def test_case_36_couriers_who_claim_together_never_get_one_parcel_twice(store: Store) -> None:
    """And between them they get every one."""
    with store.write() as transaction:
        put = [
            transaction.outbox.put(kind=ParcelKind.ASK, case=str(number), at=NOON, useful_until=NOON + LEASE)
            for number in range(100)
        ]

    def claim() -> list[int]:
        with store.write(Durability.RELAXED) as transaction:
            return [parcel.id for parcel in transaction.outbox.claim(now=NOON, lease=LEASE, limit=4)]

    with crowd() as together:
        batches = together(claim)

    assert sorted(parcel for batch in batches if isinstance(batch, list) for parcel in batch) == put


def test_numbers_drawn_alike_by_32_are_given_to_one(store: Store) -> None:
    """The others draw again."""
    state = Identified(typed=CAMILLE, address=CAMILLE)
    handles = iter(range(CROWD))

    def begin() -> bool:
        handle = bytes([next(handles)])
        case = Recovery(handle=handle, number="7F3K-92QD", flow="mot-de-passe", state=state, began=NOON)
        with store.write(Durability.RELAXED) as transaction:
            return transaction.recoveries.add(case)

    with crowd() as together:
        assert together(begin).count(True) == 1
