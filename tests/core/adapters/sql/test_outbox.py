"""Every store handles outbox messages, counters and repeated forms in the same way."""

from datetime import datetime, timedelta

import msgspec
import pytest

from core.adapters.sql.tables import events, outbox
from core.forms.flow_model import Channel
from core.ports import (
    Actor,
    Event,
    JournalFilter,
    LimitReached,
    MessageClaimLost,
    MessageKind,
    MessageState,
    OutboxMessage,
    Store,
    ThrottleVerdict,
)
from tests.support.database_writer import write_row
from tests.support.election import NOON, add_voters, entry
from tests.support.stores import KeptStore, reading, writing

LEASE = timedelta(minutes=2)
LATER = NOON + timedelta(hours=1)
CASE = "7F3K-92QD"
HOUR = timedelta(hours=1)
INSTANT = timedelta(microseconds=1)
FINAL = tuple(state for state in MessageState if state is not MessageState.WAITING)


def put(store: Store, at: datetime = NOON) -> OutboxMessage:
    return writing(store).outbox.put(kind=MessageKind.ASK, case=CASE, at=at, useful_until=LATER)


def claim(store: Store, now: datetime = NOON, limit: int = 20) -> list[OutboxMessage]:
    return writing(store).outbox.claim(Channel.MAIL, now=now, lease=LEASE, limit=limit)


def finish(store: Store, parcel: OutboxMessage, state: MessageState = MessageState.SENT) -> None:
    writing(store).outbox.finish(parcel, state, at=NOON, reason="why")


def retry(store: Store, parcel: OutboxMessage, *, counted: bool = True) -> None:
    writing(store).outbox.retry(parcel, due=LATER, reason="451", counted=counted)


def seal(store: Store, parcel: OutboxMessage, voter: int) -> None:
    """Replace the request by its composed message."""
    writing(store).outbox.store_composed(parcel, kind=MessageKind.LINK, sealed=b"sealed", voter=voter)


def counts(store: Store) -> dict[MessageState, int]:
    return reading(store).outbox.counts()


def delay(store: Store, now: datetime) -> timedelta:
    """Return the delay that MP-4 shows."""
    return reading(store).outbox.oldest_request_delay(now)


# ── Claiming ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_claimed_message_is_free_when_its_lease_ends(store: Store) -> None:
    """A new message can be claimed at once, and again when its claim has expired."""
    parcel = put(store)

    assert claim(store) == [msgspec.structs.replace(parcel, due=NOON + LEASE)]

    assert claim(store, NOON + LEASE - INSTANT) == []
    assert [each.id for each in claim(store, NOON + LEASE)] == [parcel.id]


def test_the_oldest_due_are_claimed_first(store: Store) -> None:
    """The oldest due messages are claimed first, up to the limit."""
    late, early, same, ahead = (put(store, NOON + timedelta(minutes=due)).id for due in (-1, -3, -3, 1))

    assert [parcel.id for parcel in claim(store, limit=2)] == [early, same]
    assert [parcel.id for parcel in claim(store, limit=2)] == [late]
    assert [parcel.id for parcel in claim(store, NOON + timedelta(minutes=1))] == [ahead]


@pytest.mark.parametrize("act", ["seal", "finish", "retry"])
def test_a_courier_with_an_expired_lease_changes_nothing(kept: KeptStore, act: str) -> None:
    """A courier whose claim has expired cannot change a message that another courier has claimed."""
    (voter,) = add_voters(kept.store, entry())
    put(kept.store)
    (stale,) = claim(kept.store)
    (held,) = claim(kept.store, NOON + LEASE)
    acts = {
        "seal": lambda parcel: seal(kept.store, parcel, voter.id),
        "finish": lambda parcel: finish(kept.store, parcel),
        "retry": lambda parcel: retry(kept.store, parcel),
    }

    with pytest.raises(MessageClaimLost):
        acts[act](stale)

    assert counts(kept.store) == {MessageState.WAITING: 1}
    assert kept.bodies() == {held.id: None}
    assert claim(kept.store, NOON + 2 * LEASE) == [msgspec.structs.replace(held, due=NOON + 3 * LEASE)]


def test_a_retry_is_claimed_when_due(store: Store) -> None:
    """A postponed message is claimed when it is due. The attempt counts only if a mail server was reached."""
    for counted, attempts in ((True, 1), (False, 0)):
        put(store)
        (parcel,) = claim(store)

        retry(store, parcel, counted=counted)

        assert claim(store, LATER - INSTANT) == []
        (again,) = claim(store, LATER)
        assert again.attempts == attempts
        finish(store, again)


# ── From the decision to the end ─────────────────────────────────────────────────────────────────────────


def test_a_decided_request_is_claimed_as_its_message(store: Store) -> None:
    """After the decision on a request, the composed message is claimed in its place, with its voter and body."""
    (voter,) = add_voters(store, entry())
    put(store)
    (asked,) = claim(store)

    seal(store, asked, voter.id)

    decided = {"kind": MessageKind.LINK, "sealed": b"sealed", "voter": voter.id, "due": asked.due + LEASE}
    assert claim(store, asked.due) == [msgspec.structs.replace(asked, **decided)]


def test_an_ended_message_never_changes(store: Store) -> None:
    """A message that has ended is never claimed or changed again."""
    (voter,) = add_voters(store, entry())
    for state in FINAL:
        parcel = put(store)
        finish(store, parcel, state)

        with pytest.raises(MessageClaimLost):
            retry(store, parcel)
        with pytest.raises(MessageClaimLost):
            seal(store, parcel, voter.id)
        for other in FINAL:
            with pytest.raises(MessageClaimLost):
                finish(store, parcel, other)

        assert claim(store, LATER) == []
        assert counts(store)[state] == 1


def test_only_a_failed_message_keeps_its_body(kept: KeptStore) -> None:
    """Only a permanently refused message keeps its body, because the helpdesk may send it again."""
    (voter,) = add_voters(kept.store, entry())
    for state in FINAL:
        parcel = put(kept.store)
        seal(kept.store, parcel, voter.id)

        finish(kept.store, parcel, state)

        assert kept.bodies()[parcel.id] == (b"sealed" if state is MessageState.PARKED else None)


def test_messages_are_counted_by_state(store: Store) -> None:
    """Messages are counted by state. States without messages are left out."""
    finish(store, put(store))
    finish(store, put(store), MessageState.DROPPED)
    put(store)
    put(store)

    assert counts(store) == {MessageState.WAITING: 2, MessageState.SENT: 1, MessageState.DROPPED: 1}


def test_the_delay_is_that_of_the_oldest_undecided_ask(store: Store) -> None:
    """The shown delay is the age of the oldest undecided request, and is never negative."""
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


def take(store: Store, now: datetime = NOON, bucket: bytes = b"bucket") -> ThrottleVerdict:
    """Count one use of a limit of two an hour."""
    return writing(store).throttle.count_or_refuse(bucket, limit=2, window=HOUR, now=now)


def peek(store: Store, now: datetime = NOON) -> ThrottleVerdict:
    """Return the verdict on another use, without counting it."""
    return reading(store).throttle.peek(b"bucket", limit=2, window=HOUR, now=now)


def test_a_counter_allows_its_limit_and_no_more_until_its_window_ends(store: Store) -> None:
    """A counter allows its limit until its window ends. The window begins with the first use."""
    moments = [NOON, NOON + timedelta(minutes=59), NOON + timedelta(minutes=59), NOON + HOUR - INSTANT]

    verdicts = [take(store, now) for now in moments]

    assert [verdict.left for verdict in verdicts] == [1, 0, -1, -2]
    assert [verdict.allowed for verdict in verdicts] == [True, True, False, False]
    assert {verdict.until for verdict in verdicts} == {NOON + HOUR}
    assert take(store, bucket=b"other").allowed
    assert take(store, NOON + HOUR) == ThrottleVerdict(left=1, until=NOON + 2 * HOUR)


def spend(store: Store, now: datetime, bucket: bytes = b"bucket") -> bool:
    """Write a message if the limit of two an hour allows it. Returns whether it was written."""
    before = waiting(store)
    try:
        with store.write() as transaction:
            transaction.throttle.count_or_raise(bucket, limit=2, window=HOUR, now=now)
            transaction.outbox.put(kind=MessageKind.ASK, case=CASE, at=now, useful_until=LATER)
    except LimitReached:
        assert waiting(store) == before
        return False
    assert waiting(store) == before + 1
    return True


def waiting(store: Store) -> int:
    return reading(store).outbox.backlog().waiting


def test_spending_above_the_limit_rolls_back(store: Store) -> None:
    """A use above the limit rolls back its transaction and is not counted."""
    moments = [NOON, NOON + timedelta(minutes=59), NOON + HOUR - INSTANT, NOON + HOUR - INSTANT]

    assert [spend(store, now) for now in moments] == [True, True, False, False]
    assert take(store, NOON + timedelta(minutes=1)).left == -1
    assert spend(store, NOON, b"other")
    assert [spend(store, NOON + HOUR) for _ in range(3)] == [True, True, False]


def test_peek_answers_as_take_and_counts_nothing(store: Store) -> None:
    """Peeking at a counter returns the same verdict as a use, and counts nothing."""
    for now in (NOON, NOON + timedelta(minutes=1), NOON + timedelta(minutes=2), NOON + HOUR):
        foreseen = [peek(store, now), peek(store, now)]

        assert foreseen == [take(store, now)] * 2


def test_a_counter_is_lowered_and_forgotten(store: Store) -> None:
    """A counter that was reset starts with a new window, and giving back a use lowers it by one, but not below zero."""
    for _ in range(3):
        take(store)

    with store.write() as transaction:
        transaction.throttle.reset(b"bucket")
        transaction.throttle.reset(b"unknown")

    assert take(store, NOON + timedelta(minutes=5)) == ThrottleVerdict(left=1, until=NOON + timedelta(minutes=65))

    with store.write() as transaction:
        for _ in range(2):
            transaction.throttle.give_back(b"bucket")
        transaction.throttle.give_back(b"unknown")

    assert peek(store, NOON + timedelta(minutes=6)).left == 1
    assert take(store, bucket=b"unknown").left == 1


# ── Repeated forms ───────────────────────────────────────────────────────────────────────────────────────


def came(store: Store, now: datetime = NOON, digest: bytes = b"form") -> int:
    """Count a form that is remembered for an hour."""
    return writing(store).forms.count(digest, now=now, window=HOUR)


def test_a_form_is_remembered_for_its_window(store: Store) -> None:
    """A form is remembered for an hour from its first submission. Other forms are counted separately."""
    moments = [NOON, NOON + timedelta(minutes=59), NOON + HOUR, NOON + HOUR]

    assert [came(store, now) for now in moments] == [1, 2, 1, 2]
    assert came(store, digest=b"other") == 1
    for now, known in ((NOON + 2 * HOUR - INSTANT, True), (NOON + 2 * HOUR, False)):
        assert reading(store).forms.came_before(b"form", now=now, window=HOUR) is known


def test_a_forgotten_form_is_new(store: Store) -> None:
    """A form that was forgotten counts as new. Forgetting an unknown form changes nothing."""
    came(store)
    with store.write() as transaction:
        transaction.forms.forget(b"form")
        transaction.forms.forget(b"unknown")

    assert not reading(store).forms.came_before(b"form", now=NOON, window=HOUR)
    assert came(store) == 1


# ── Priorities ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", [MessageKind.HOLD, MessageKind.CONFIRMATION])
def test_what_concerns_an_identifier_is_claimed_before_older_mails(store: Store, kind: MessageKind) -> None:
    """A freeze order for the voting platform and a mail that asks for a confirmation are claimed before older mails."""
    for _ in range(3):
        put(store, NOON - timedelta(minutes=5))
    urgent = writing(store).outbox.put(kind=kind, case=CASE, at=NOON, useful_until=LATER)

    assert [parcel.id for parcel in claim(store, limit=1)] == [urgent.id]


def test_a_mail_to_the_board_is_claimed_before_older_ones(store: Store) -> None:
    """A mail to the electoral board is claimed before all older mails, even after it was postponed once."""
    for number in range(30):
        put(store, NOON - timedelta(minutes=number))
    writing(store).outbox.put(kind=MessageKind.CHECKPOINT, case="0000-0001", at=NOON, useful_until=LATER)

    first, *others = claim(store, limit=5)
    assert first.kind == MessageKind.CHECKPOINT
    assert [each.kind for each in others] == [MessageKind.ASK] * 4
    retry(store, first)
    assert all(each.kind == MessageKind.ASK for each in claim(store, limit=5))
    again = writing(store).outbox.claim(Channel.MAIL, now=LATER, lease=LEASE, limit=1)
    assert [each.id for each in again] == [first.id]


def test_a_batch_begins_with_what_stops_the_vote_with_an_identifier(store: Store) -> None:
    """A freeze order for the voting platform is the first message of its batch."""
    asks = [put(store).id for _ in range(3)]
    writing(store).outbox.put(kind=MessageKind.HOLD, case="0000-0001", at=NOON, useful_until=LATER)

    first, *others = claim(store, limit=5)

    assert first.kind == MessageKind.HOLD
    assert [each.id for each in others] == asks


def test_a_batch_is_never_larger_than_asked_for(store: Store) -> None:
    """A batch that contains mails to the board is not larger than the limit."""
    for _ in range(3):
        put(store)
        writing(store).outbox.put(kind=MessageKind.CHECKPOINT, case="0000-0001", at=NOON, useful_until=LATER)

    assert [len(claim(store, limit=4)) for _ in range(3)] == [4, 2, 0]


# ── Damaged rows ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_row_of_a_wrong_type_does_not_stop_those_read_with_it(sql_kept: KeptStore) -> None:
    """A row with a value of a wrong type, which SQLite accepts, does not prevent other rows from being read."""
    store = sql_kept.store
    first, damaged, last = [put(store).id for _ in range(3)]
    for act in ("asked", "purged", "frozen"):
        writing(store).journal.write(Event(at=NOON, actor=Actor.OPERATOR, act=act))
    write_row(sql_kept, outbox, "id", damaged, {"attempts": "x"})
    write_row(sql_kept, events, "act", "purged", {"act": b"\0"})

    assert [parcel.id for parcel in claim(store)] == [first, damaged, last]
    listed = reading(store).journal.page(JournalFilter(), after=0, before=10, limit=10)
    assert [recorded.event.act for recorded in listed] == ["frozen", b"\0", "asked"]
    assert {type(recorded.event.actor) for recorded in listed} == {Actor}


def test_a_parked_row_without_an_end_is_listed_with_the_others(kept: KeptStore) -> None:
    """A refused message without an end time does not prevent the others from being listed."""
    store = kept.store
    parked = [put(store).id for _ in range(3)]
    for parcel in claim(store):
        finish(store, parcel, MessageState.PARKED)
    write_row(kept, outbox, "id", parked[1], {"ended": None})

    assert {stuck.parcel: stuck.since for stuck in reading(store).outbox.parked(10)} == {
        parked[0]: NOON,
        parked[1]: None,
        parked[2]: NOON,
    }
