"""Every store counts the same events and messages for the metrics and the helpdesk."""

from datetime import datetime, timedelta

from core.forms.flow_model import Channel
from core.ports import (
    BUCKET,
    Actor,
    AgentLastEvent,
    Backlog,
    Event,
    EventCountInBucket,
    EventType,
    EventTypeCounts,
    FailuresByReasonAndAcademie,
    MessageKind,
    MessageState,
    Store,
    WaitingMessagesOfKind,
)
from tests.support.election import NOON, add_voters, entry
from tests.support.stores import KeptStore, reading, statements, writing

MINUTE = timedelta(minutes=1)
EARLIER = NOON - 2 * MINUTE
LATER = NOON + timedelta(hours=1)


def write(store: Store, act: EventType, at: datetime = EARLIER, reason: str | None = None) -> None:
    writing(store).journal.write(Event(at=at, actor=Actor.VOTER, act=act, case="7F3K-92QD", reason=reason))


def tally(store: Store, after: int = 0) -> EventTypeCounts:
    """Return the counts of the entries after a line. Entries older than a minute are final."""
    return reading(store).journal.count_events(after=after, recent=NOON - MINUTE)


def backlog(store: Store) -> Backlog:
    return reading(store).outbox.backlog()


def test_acts_are_counted_and_refusals_by_reason(store: Store) -> None:
    """Events are counted by type, and refusals also by reason. The answers of mail servers are left out."""
    for _ in range(3):
        write(store, EventType.ASKED)
    write(store, EventType.ASK_DROPPED, reason="not-on-the-roll")
    write(store, EventType.ASK_DROPPED, reason="enough-links")
    write(store, EventType.MAIL_BOUNCED, reason="mailbox-full")
    write(store, EventType.MAIL_ACCEPTED, reason="relay one")
    write(store, EventType.MAIL_ACCEPTED, reason="relay two")

    found = tally(store)

    assert found.line == 8
    assert found.settled == {
        ("asked", None): 3,
        ("ask-dropped", "not-on-the-roll"): 1,
        ("ask-dropped", "enough-links"): 1,
        ("mail-bounced", "mailbox-full"): 1,
        ("mail-accepted", None): 2,
    }
    assert found.fresh == {}


def test_only_what_is_new_is_counted_and_after_a_recent_entry_again(store: Store) -> None:
    """Only entries after the last counted line are counted.

    Entries of the last minute are counted again, because earlier lines may follow.
    """
    assert tally(store) == EventTypeCounts(line=0, settled={}, fresh={})
    write(store, EventType.ASKED)
    line = tally(store).line
    write(store, EventType.ASKED)

    assert tally(store, line) == EventTypeCounts(line=line + 1, settled={("asked", None): 1}, fresh={})
    assert tally(store, line + 1) == EventTypeCounts(line=line + 1, settled={}, fresh={})

    write(store, EventType.ASKED, at=NOON)
    write(store, EventType.ASKED)
    assert tally(store, line) == EventTypeCounts(line=2, settled={("asked", None): 1}, fresh={("asked", None): 2})


def test_the_backlog_is_what_has_not_ended(store: Store) -> None:
    """The backlog contains all messages that have not ended, including those that a mail server has postponed."""
    assert backlog(store) == Backlog(0, None)
    with store.write() as transaction:
        for at in (EARLIER, NOON, LATER):
            transaction.outbox.put(kind=MessageKind.ASK, case="7F3K-92QD", at=at, useful_until=LATER)
        oldest, second, _ = transaction.outbox.claim(Channel.MAIL, now=LATER, lease=MINUTE, limit=3)
        transaction.outbox.retry(oldest, due=LATER, reason="451", counted=True)
        transaction.outbox.finish(second, MessageState.SENT, at=NOON)

    assert backlog(store) == Backlog(2, EARLIER)


def test_both_queries_use_an_index(sql_kept: KeptStore) -> None:
    """The queries for the backlog and for the event counts use an index."""
    with statements(sql_kept.engine) as sent:
        backlog(sql_kept.store)
        tally(sql_kept.store)

    with sql_kept.engine.connect() as connection:
        plans = [
            str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", (0,) * statement.count("?")).all())
            for statement in sent
            if statement.startswith("SELECT")
        ]
    assert [("USING INDEX ix_outbox" in plan, "PRIMARY KEY" in plan) for plan in plans] == [
        (True, False),
        (False, True),
        (False, True),
    ]


# ── The desk's overview ───────────────────────────────────────────────────────────────────────────────────


def test_a_slice_of_the_journal_is_counted_by_bucket_act_reason_and_academie(store: Store) -> None:
    """A slice of the journal is counted by time, event type, reason and académie.

    Lines outside the slice are not counted.
    """
    (lea, max_) = add_voters(store, entry(academie="Lumière"), entry("max@ac.example"))
    events = (
        Event(at=NOON, actor=Actor.VOTER, act=EventType.ASKED),
        Event(at=NOON, actor=Actor.COURIER, act=EventType.MAIL_BOUNCED, voter=lea.id, reason="other"),
        Event(at=NOON, actor=Actor.COURIER, act=EventType.MAIL_BOUNCED, voter=max_.id, reason="other"),
        Event(at=NOON, actor=Actor.NETWORK, act=EventType.SMS_REPORTED, voter=lea.id, reason="code undelivered"),
        Event(at=NOON, actor=Actor.NETWORK, act=EventType.SMS_REPORTED, voter=lea.id, reason="code delivered"),
        Event(at=NOON, actor=Actor.NETWORK, act=EventType.SMS_REPORTED, voter=lea.id, reason="call busy"),
        Event(at=NOON, actor=Actor.NETWORK, act=EventType.SMS_REPORTED, voter=lea.id, reason="call no-answer"),
        Event(at=NOON, actor=Actor.NETWORK, act=EventType.SMS_REPORTED, voter=lea.id, reason="call undelivered"),
        Event(at=NOON + BUCKET, actor=Actor.AGENT, act=EventType.FILE_OPENED, voter=lea.id, agent="camille"),
        Event(at=NOON + BUCKET, actor=Actor.OPERATOR, act=EventType.AGENT_ADDED, agent="robin"),
        Event(at=NOON + BUCKET, actor=Actor.AGENT, act=EventType.FILE_OPENED, voter=max_.id, agent="camille"),
        Event(at=NOON + BUCKET, actor=Actor.VOTER, act=EventType.ASKED),
    )
    for event in events:
        writing(store).journal.write(event)
    with store.read() as transaction:
        last = transaction.figures.last_journal_line()
        found = transaction.figures.count_slice(last - len(events) + 1, last - 1)

    bucket = int(NOON.timestamp()) // int(BUCKET.total_seconds())
    assert sorted(found.acts, key=lambda each: (each.bucket, each.act)) == [
        EventCountInBucket(bucket, "mail-bounced", 2),
        EventCountInBucket(bucket, "sms-reported", 5),
        EventCountInBucket(bucket + 1, "agent-added", 1),
        EventCountInBucket(bucket + 1, "file-opened", 2),
    ]
    assert sorted(found.failures, key=lambda each: (each.academie or "", each.act, each.reason or "")) == [
        FailuresByReasonAndAcademie(bucket, "mail-bounced", "other", None, 1),
        FailuresByReasonAndAcademie(bucket, "mail-bounced", "other", "Lumière", 1),
        *(
            FailuresByReasonAndAcademie(bucket, "sms-reported", reason, "Lumière", 1)
            for reason in ("call busy", "call no-answer", "call undelivered", "code undelivered")
        ),
    ]
    assert found.traces == (AgentLastEvent("camille", "file-opened", last - 1, NOON + BUCKET),)


def test_what_waits_is_counted_by_kind_with_its_oldest(store: Store) -> None:
    """Waiting messages are counted by kind, with the time of the oldest."""
    later = NOON + timedelta(hours=1)
    with store.write() as transaction:
        for at, kind in ((later, MessageKind.ASK), (NOON, MessageKind.ASK), (later, MessageKind.CODE)):
            transaction.outbox.put(kind=kind, case="7F3K-92QD", at=at, useful_until=later)
    found = sorted(reading(store).figures.waiting_messages_by_kind(), key=lambda each: each.kind)

    assert found == [WaitingMessagesOfKind("ask", 2, NOON), WaitingMessagesOfKind("code", 1, later)]
