"""What every store does with parcels and with counters."""

from datetime import datetime, timedelta

import msgspec
import pytest

from core.ports import ClaimLost, Durability, Exhausted, Parcel, ParcelKind, ParcelState, Store, Verdict
from tests.support.election import NOON, add_voters, entry
from tests.support.stores import Kept

LEASE = timedelta(minutes=2)
LATER = NOON + timedelta(hours=1)
CASE = "7F3K-92QD"
HOUR = timedelta(hours=1)
INSTANT = timedelta(microseconds=1)
FINAL = tuple(state for state in ParcelState if state is not ParcelState.WAITING)


def put(store: Store, at: datetime = NOON) -> Parcel:
    """A new parcel, as it is kept."""
    with store.write() as transaction:
        number = transaction.outbox.put(kind=ParcelKind.ASK, case=CASE, at=at, useful_until=LATER)
    return Parcel(
        id=number, kind=ParcelKind.ASK, case=CASE, voter=None, sealed=None, created=at, due=at, useful_until=LATER
    )


def claim(store: Store, now: datetime = NOON, limit: int = 20) -> list[Parcel]:
    """What a courier gets now."""
    with store.write() as transaction:
        return transaction.outbox.claim(now=now, lease=LEASE, limit=limit)


def finish(store: Store, parcel: Parcel, state: ParcelState = ParcelState.SENT) -> None:
    """A final state."""
    with store.write() as transaction:
        transaction.outbox.finish(parcel, state, at=NOON, reason="why")


def retry(store: Store, parcel: Parcel, *, counted: bool = True) -> None:
    """Another time."""
    with store.write() as transaction:
        transaction.outbox.retry(parcel, due=LATER, reason="451", counted=counted)


def seal(store: Store, parcel: Parcel, voter: int) -> None:
    """A decision."""
    with store.write() as transaction:
        transaction.outbox.seal(parcel, kind=ParcelKind.LINK, sealed=b"sealed", voter=voter)


def counts(store: Store) -> dict[ParcelState, int]:
    """How the parcels stand."""
    with store.read() as transaction:
        return transaction.outbox.counts()


def delay(store: Store, now: datetime) -> timedelta:
    """The delay everyone meets."""
    with store.read() as transaction:
        return transaction.outbox.delay(now)


# ── Claiming ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_new_parcel_is_due_at_once_and_claimed_as_it_was_put(store: Store) -> None:
    """Held until the lease ends."""
    parcel = put(store)

    assert claim(store) == [msgspec.structs.replace(parcel, due=NOON + LEASE)]


def test_the_oldest_due_are_claimed_first(store: Store) -> None:
    """As many as asked for, in the order they fell due; what is due later stays."""
    late, early, same, ahead = (put(store, NOON + timedelta(minutes=due)).id for due in (-1, -3, -3, 1))

    assert [parcel.id for parcel in claim(store, limit=2)] == [early, same]
    assert [parcel.id for parcel in claim(store, limit=2)] == [late]
    assert [parcel.id for parcel in claim(store, NOON + timedelta(minutes=1))] == [ahead]


def test_case_35_a_claimed_parcel_is_free_again_when_its_lease_ends_and_not_before(store: Store) -> None:
    """So that a courier who dies lets go by itself."""
    parcel = put(store)
    claim(store)

    assert claim(store, NOON + LEASE - INSTANT) == []
    assert [each.id for each in claim(store, NOON + LEASE)] == [parcel.id]


@pytest.mark.parametrize("act", ["seal", "finish", "retry"])
def test_case_36_a_courier_whose_lease_is_over_changes_nothing(kept: Kept, act: str) -> None:
    """Once another has the parcel: it is told, and what the other does goes on."""
    (voter,) = add_voters(kept.store, entry())
    put(kept.store)
    (stale,) = claim(kept.store)
    (held,) = claim(kept.store, NOON + LEASE)
    acts = {
        "seal": lambda parcel: seal(kept.store, parcel, voter.id),
        "finish": lambda parcel: finish(kept.store, parcel),
        "retry": lambda parcel: retry(kept.store, parcel),
    }

    with pytest.raises(ClaimLost):
        acts[act](stale)

    assert counts(kept.store) == {ParcelState.WAITING: 1}
    assert kept.bodies() == {held.id: None}
    assert claim(kept.store, NOON + 2 * LEASE) == [msgspec.structs.replace(held, due=NOON + 3 * LEASE)]


@pytest.mark.parametrize(("counted", "attempts"), [(True, 1), (False, 0)])
def test_a_retry_comes_back_when_due_and_counts_only_when_told(store: Store, *, counted: bool, attempts: int) -> None:
    """A relay that nobody could reach has said nothing about this message."""
    put(store)
    (parcel,) = claim(store)

    retry(store, parcel, counted=counted)

    assert claim(store, LATER - INSTANT) == []
    (again,) = claim(store, LATER)
    assert again.attempts == attempts


# ── From the decision to the end ─────────────────────────────────────────────────────────────────────────


def test_a_sealed_parcel_is_claimed_as_the_message_it_became(store: Store) -> None:
    """With its voter and its body; it is created, due and useful as it was."""
    (voter,) = add_voters(store, entry())
    put(store)
    (asked,) = claim(store)

    seal(store, asked, voter.id)

    decided = {"kind": ParcelKind.LINK, "sealed": b"sealed", "voter": voter.id, "due": asked.due + LEASE}
    assert claim(store, asked.due) == [msgspec.structs.replace(asked, **decided)]


@pytest.mark.parametrize("state", FINAL)
def test_a_finished_parcel_never_changes_again(store: Store, state: ParcelState) -> None:
    """It is not claimed, and neither a retry, nor a decision, nor another end touches it."""
    (voter,) = add_voters(store, entry())
    parcel = put(store)
    finish(store, parcel, state)

    with pytest.raises(ClaimLost):
        retry(store, parcel)
    with pytest.raises(ClaimLost):
        seal(store, parcel, voter.id)
    for other in FINAL:
        with pytest.raises(ClaimLost):
            finish(store, parcel, other)

    assert claim(store, LATER) == []
    assert counts(store) == {state: 1}


@pytest.mark.parametrize("state", FINAL)
def test_case_42_only_a_parked_parcel_keeps_its_body(kept: Kept, state: ParcelState) -> None:
    """What the desk may set going again; every other end erases it."""
    (voter,) = add_voters(kept.store, entry())
    parcel = put(kept.store)
    seal(kept.store, parcel, voter.id)

    finish(kept.store, parcel, state)

    assert kept.bodies() == {parcel.id: b"sealed" if state is ParcelState.PARKED else None}


def test_counts_say_how_many_stand_in_each_state(store: Store) -> None:
    """A state without parcels is not named."""
    finish(store, put(store))
    finish(store, put(store), ParcelState.DROPPED)
    put(store)
    put(store)

    assert counts(store) == {ParcelState.WAITING: 2, ParcelState.SENT: 1, ParcelState.DROPPED: 1}


def test_the_delay_is_that_of_the_oldest_undecided_ask(store: Store) -> None:
    """None without one, never negative; a message that a relay puts off delays nobody else's."""
    assert delay(store, NOON) == timedelta(0)
    oldest, ended = put(store, NOON - HOUR), put(store, NOON - 2 * HOUR)
    put(store, NOON)
    finish(store, ended)

    assert delay(store, NOON) == HOUR
    assert delay(store, NOON - 2 * HOUR) == timedelta(0)
    (voter,) = add_voters(store, entry())
    seal(store, oldest, voter.id)
    assert delay(store, NOON + HOUR) == HOUR


# ── Counters ─────────────────────────────────────────────────────────────────────────────────────────────


def take(store: Store, now: datetime = NOON, bucket: bytes = b"bucket") -> Verdict:
    """One more of two an hour."""
    with store.write() as transaction:
        return transaction.throttle.take(bucket, limit=2, window=HOUR, now=now)


def peek(store: Store, now: datetime = NOON) -> Verdict:
    """What would be said."""
    with store.read() as transaction:
        return transaction.throttle.peek(b"bucket", limit=2, window=HOUR, now=now)


def test_a_counter_allows_its_limit_and_no_more_until_its_window_ends(store: Store) -> None:
    """The window begins with the first take, however many follow; other buckets count apart."""
    moments = [
        NOON,
        NOON + timedelta(minutes=59),
        NOON + timedelta(minutes=59),
        NOON + HOUR - INSTANT,
    ]

    verdicts = [take(store, now) for now in moments]

    assert [verdict.left for verdict in verdicts] == [1, 0, -1, -2]
    assert [verdict.allowed for verdict in verdicts] == [True, True, False, False]
    assert {verdict.until for verdict in verdicts} == {NOON + HOUR}
    assert take(store, bucket=b"other").allowed
    assert take(store, NOON + HOUR) == Verdict(left=1, until=NOON + 2 * HOUR)


def spend(store: Store, now: datetime, bucket: bytes = b"bucket") -> bool:
    """Whether one of two an hour was left, and what was written beside it with it."""
    before = waiting(store)
    try:
        with store.write(Durability.RELAXED) as transaction:
            transaction.throttle.spend(bucket, limit=2, window=HOUR, now=now)
            transaction.outbox.post(kind=ParcelKind.ASK, case=CASE, at=now, useful_until=LATER)
    except Exhausted:
        assert waiting(store) == before
        return False
    assert waiting(store) == before + 1
    return True


def waiting(store: Store) -> int:
    """How many parcels wait."""
    with store.read() as transaction:
        return transaction.outbox.backlog().waiting


def test_what_spends_more_than_there_is_comes_to_nothing(store: Store) -> None:
    """The counter too stays as it is; it is the one of `take`."""
    moments = [NOON, NOON + timedelta(minutes=59), NOON + HOUR - INSTANT, NOON + HOUR - INSTANT]

    assert [spend(store, now) for now in moments] == [True, True, False, False]
    assert take(store, NOON + timedelta(minutes=1)).left == -1
    assert spend(store, NOON, b"other")
    assert [spend(store, NOON + HOUR) for _ in range(3)] == [True, True, False]


def test_peek_says_what_take_would_and_counts_nothing(store: Store) -> None:
    """Before the first, below the limit, at the limit, and once the window is over."""
    for now in (NOON, NOON + timedelta(minutes=1), NOON + timedelta(minutes=2), NOON + HOUR):
        foreseen = [peek(store, now), peek(store, now)]

        assert foreseen == [take(store, now)] * 2


def test_a_forgotten_counter_starts_again_from_zero(store: Store) -> None:
    """Its window too; forgetting an unknown one is possible."""
    for _ in range(3):
        take(store)

    with store.write() as transaction:
        transaction.throttle.forget(b"bucket")
        transaction.throttle.forget(b"unknown")

    assert take(store, NOON + timedelta(minutes=5)) == Verdict(left=1, until=NOON + timedelta(minutes=65))


def test_what_is_given_back_was_never_counted(store: Store) -> None:
    """Down to nothing and no further; an unknown counter stays unknown."""
    take(store)

    with store.write() as transaction:
        for _ in range(2):
            transaction.throttle.give_back(b"bucket")
        transaction.throttle.give_back(b"unknown")

    assert peek(store).left == 1
    assert take(store, bucket=b"unknown").left == 1
