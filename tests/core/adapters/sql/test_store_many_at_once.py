"""Every store is correct under many simultaneous operations."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from core.adapters.sql import cases, voter_accounts
from core.flows.password.states import CaseOpenedByDesk
from core.forms.flow_model import Channel
from core.ports import ConflictError, LimitReached, MessageKind, RecoveryCase, Store, StoreUnavailable
from tests.support.careless import compare_nothing
from tests.support.election import CAMILLE, NOON, add_voters, entry
from tests.support.product import in_parallel
from tests.support.stores import KeptStore, sqlite, writing

CROWD = 32
REPEATS = 50
LEASE = timedelta(minutes=2)


def in_32_threads(act: Callable[[], Any]) -> list[Any]:
    """Call a function in 32 threads at once. Returns each result, or the type of its exception."""

    def tried(_: int) -> Any:  # noqa: ANN401  # whatever the act returns
        try:
            return act()
        except (ConflictError, LimitReached) as refused:
            return type(refused)

    return in_parallel(tried, CROWD)


def successful_changes(store: Store, repeats: int) -> list[int]:
    """Return, for each repetition, how many of 32 simultaneous changes of the same case succeed."""
    first, then = CaseOpenedByDesk(typed=CAMILLE, address=CAMILLE), CaseOpenedByDesk(typed="then", address=CAMILLE)
    won = []
    for repeat in range(repeats):
        case = RecoveryCase(handle=bytes([repeat]), number=str(repeat), flow="mot-de-passe", state=first, began=NOON)
        relaxed = writing(store).recoveries
        relaxed.add(case)
        won.append(in_32_threads(partial(relaxed.update_state, case, then)).count(None))
    return won


def test_of_32_changes_of_one_version_one_succeeds(store: Store) -> None:
    """Of 32 simultaneous changes of the same version of a case, only one succeeds."""
    assert successful_changes(store, REPEATS) == [1] * REPEATS


@pytest.mark.parametrize("port", [cases, voter_accounts])
def test_without_the_version_check_several_succeed(
    sql_kept: KeptStore, monkeypatch: pytest.MonkeyPatch, port: object
) -> None:
    """Without the version check, all simultaneous changes succeed, which shows that the other tests need the check."""
    compare_nothing(monkeypatch)

    won = successful_changes(sql_kept.store, 1)[0] if port is cases else successful_choices(sql_kept.store)

    assert won == CROWD


def successful_choices(store: Store) -> int:
    """Return how many of 32 simultaneous new passwords for one epoch succeed."""
    (voter,) = add_voters(store, entry())
    choose = partial(writing(store).voters.set_password_hash, voter.id, "hash", epoch=0, at=NOON)
    return CROWD - in_32_threads(choose).count(ConflictError)


def test_of_32_passwords_for_one_epoch_one_succeeds(store: Store) -> None:
    """Of 32 simultaneous new passwords for one epoch, only one succeeds."""
    assert successful_choices(store) == 1


def test_a_counter_shared_by_32_allows_exactly_its_limit(store: Store) -> None:
    """A counter that 32 threads use at once allows exactly its limit."""
    throttle = writing(store).throttle
    take = partial(throttle.count_or_refuse, b"bucket", limit=10, window=timedelta(hours=1), now=NOON)

    verdicts = in_32_threads(take) + in_32_threads(take)

    assert Counter(each.allowed for each in verdicts) == {True: 10, False: 2 * CROWD - 10}


def test_of_32_who_spend_exactly_the_limit_succeed(store: Store) -> None:
    """Of 32 transactions that use a counter at once, exactly its limit succeeds and the others are rolled back."""
    throttle = writing(store).throttle
    spend = partial(throttle.count_or_raise, b"bucket", limit=10, window=timedelta(hours=1), now=NOON)

    assert Counter(in_32_threads(spend)) == {None: 10, LimitReached: CROWD - 10}


def test_concurrent_couriers_claim_each_message_once(store: Store) -> None:
    """Couriers that claim messages at the same moment get every message exactly once."""
    with store.write() as transaction:
        put = [
            transaction.outbox.put(kind=MessageKind.ASK, case=str(number), at=NOON, useful_until=NOON + LEASE).id
            for number in range(100)
        ]

    def claim() -> list[int]:
        return [parcel.id for parcel in writing(store).outbox.claim(Channel.MAIL, now=NOON, lease=LEASE, limit=4)]

    batches = in_32_threads(claim)

    assert sorted(parcel for batch in batches if isinstance(batch, list) for parcel in batch) == put


def test_a_number_drawn_by_32_is_given_to_one(store: Store) -> None:
    """Of 32 simultaneous cases with the same number, only one is added."""
    state = CaseOpenedByDesk(typed=CAMILLE, address=CAMILLE)
    handles = iter(range(CROWD))

    def begin() -> bool:
        handle = bytes([next(handles)])
        case = RecoveryCase(handle=handle, number="7F3K-92QD", flow="mot-de-passe", state=state, began=NOON)
        return writing(store).recoveries.add(case)

    assert in_32_threads(begin).count(True) == 1


def test_a_transaction_without_a_free_connection_is_told_to_come_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If all database connections of the process are in use, a transaction is refused as unavailable."""
    monkeypatch.setattr("core.adapters.sql.engine.CONNECTIONS", 1)
    monkeypatch.setattr("core.adapters.sql.engine.POOL_SECONDS", 0.1)
    with (
        sqlite(tmp_path) as kept,
        kept.store.read(),
        pytest.raises(StoreUnavailable, match="in use"),
        kept.store.read(),
    ):
        pass
