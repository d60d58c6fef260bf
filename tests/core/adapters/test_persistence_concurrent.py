"""Every store is correct when many act at the same instant."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Barrier

import pytest

from core.adapters.sql import cases, voter_accounts
from core.flows.password.states import CaseOpenedByDesk
from core.ports import Conflict, Durability, LimitReached, MessageKind, RecoveryCase, Store
from tests.support.careless import compare_nothing
from tests.support.election import CAMILLE, NOON, add_voters, entry
from tests.support.stores import KeptStore, writing

CROWD = 32
REPEATS = 50
LEASE = timedelta(minutes=2)


@contextmanager
def in_32_threads() -> Iterator[Callable[[Callable[[], object]], list[object]]]:
    """A function that does one thing in 32 threads at once and returns each result or exception type."""
    start = Barrier(CROWD)

    def tried(act: Callable[[], object]) -> object:
        start.wait()
        try:
            return act()
        except Conflict as moved:
            return type(moved)

    with ThreadPoolExecutor(CROWD) as pool:
        yield lambda act: list(pool.map(tried, [act] * CROWD))


def successful_changes(store: Store, repeats: int) -> list[int]:
    """Return how many of 32 with the same version of a case change it, for each repetition."""
    first, then = CaseOpenedByDesk(typed=CAMILLE, address=CAMILLE), CaseOpenedByDesk(typed="then", address=CAMILLE)
    won = []
    with in_32_threads() as together:
        for repeat in range(repeats):
            case = RecoveryCase(
                handle=bytes([repeat]), number=str(repeat), flow="mot-de-passe", state=first, began=NOON
            )
            writing(store, Durability.RELAXED).recoveries.add(case)

            def move(case: RecoveryCase = case) -> str:
                writing(store, Durability.RELAXED).recoveries.update_state(case, then)
                return "won"

            won.append(together(move).count("won"))
    return won


def test_case_12_of_32_changes_of_one_version_one_succeeds(store: Store) -> None:
    """CASE 12: of 32 changes of one version one succeeds, fifty times."""
    assert successful_changes(store, REPEATS) == [1] * REPEATS


@pytest.mark.parametrize("port", [cases, voter_accounts])
def test_case_12_without_the_version_check_several_succeed(
    sql_kept: KeptStore, monkeypatch: pytest.MonkeyPatch, port: object
) -> None:
    """CASE 12: without the version check more than one succeeds, which shows that the tests depend on it."""
    compare_nothing(monkeypatch)

    won = successful_changes(sql_kept.store, 1)[0] if port is cases else successful_choices(sql_kept.store)

    assert won == CROWD


def successful_choices(store: Store) -> int:
    """Return how many of 32 with the same epoch choose the password."""
    (voter,) = add_voters(store, entry())

    def choose() -> str:
        writing(store, Durability.RELAXED).voters.set_password_hash(voter.id, "hash", epoch=0, at=NOON)
        return "won"

    with in_32_threads() as together:
        return together(choose).count("won")


def test_case_12_of_32_passwords_for_one_epoch_one_succeeds(store: Store) -> None:
    """CASE 12: of 32 passwords for one epoch one succeeds, and the others get a conflict."""
    assert successful_choices(store) == 1


def test_case_3_a_counter_shared_by_32_allows_exactly_its_limit(store: Store) -> None:
    """CASE 3: a counter used by 32 at once allows exactly its limit."""

    def take() -> bool:
        return (
            writing(store, Durability.RELAXED)
            .throttle.count_or_refuse(b"bucket", limit=10, window=timedelta(hours=1), now=NOON)
            .allowed
        )

    with in_32_threads() as together:
        allowed = together(take) + together(take)

    assert Counter(allowed) == {True: 10, False: 2 * CROWD - 10}


def test_case_3_of_32_who_spend_exactly_the_limit_succeed(store: Store) -> None:
    """CASE 3: of 32 who spend from one counter exactly its limit succeed, and the others roll back."""

    def spend() -> bool:
        try:
            writing(store, Durability.RELAXED).throttle.count_or_raise(
                b"bucket", limit=10, window=timedelta(hours=1), now=NOON
            )
        except LimitReached:
            return False
        return True

    with in_32_threads() as together:
        could = together(spend)

    assert Counter(could) == {True: 10, False: CROWD - 10}


def test_case_36_concurrent_couriers_claim_each_message_once(store: Store) -> None:
    """CASE 36: couriers that claim at once get each message once, and all of them."""
    with store.write() as transaction:
        put = [
            transaction.outbox.put(kind=MessageKind.ASK, case=str(number), at=NOON, useful_until=NOON + LEASE)
            for number in range(100)
        ]

    def claim() -> list[int]:
        return [parcel.id for parcel in writing(store, Durability.RELAXED).outbox.claim(now=NOON, lease=LEASE, limit=4)]

    with in_32_threads() as together:
        batches = together(claim)

    assert sorted(parcel for batch in batches if isinstance(batch, list) for parcel in batch) == put


def test_a_number_drawn_by_32_is_given_to_one(store: Store) -> None:
    """A case number drawn by 32 at once is given to one, and the others draw again."""
    state = CaseOpenedByDesk(typed=CAMILLE, address=CAMILLE)
    handles = iter(range(CROWD))

    def begin() -> bool:
        handle = bytes([next(handles)])
        case = RecoveryCase(handle=handle, number="7F3K-92QD", flow="mot-de-passe", state=state, began=NOON)
        return writing(store, Durability.RELAXED).recoveries.add(case)

    with in_32_threads() as together:
        assert together(begin).count(True) == 1
