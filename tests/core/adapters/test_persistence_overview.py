"""Every store counts a slice of the journal, and what waits, in the same way."""

from datetime import timedelta

from core.ports import Actor, Event, EventType, MessageKind, Store
from core.ports.desk_overview_counts import (
    BUCKET,
    AgentLastEvent,
    EventCountInBucket,
    FailuresByReasonAndAcademie,
    WaitingMessagesOfKind,
)
from tests.support.election import NOON, add_voters, entry


def test_a_slice_of_the_journal_is_counted_by_bucket_act_reason_and_academie(store: Store) -> None:
    """Lines outside it are not; an operator's act on an account is no trace of that agent."""
    (lea, max_) = add_voters(store, entry(academie="Lumière"), entry("max@ac.example"))
    events = (
        Event(at=NOON, actor=Actor.VOTER, act=EventType.ASKED),
        Event(at=NOON, actor=Actor.COURIER, act=EventType.MAIL_BOUNCED, voter=lea.id, reason="other"),
        Event(at=NOON, actor=Actor.COURIER, act=EventType.MAIL_BOUNCED, voter=max_.id, reason="other"),
        Event(at=NOON + BUCKET, actor=Actor.AGENT, act=EventType.FILE_OPENED, voter=lea.id, agent="camille"),
        Event(at=NOON + BUCKET, actor=Actor.OPERATOR, act=EventType.AGENT_ADDED, agent="robin"),
        Event(at=NOON + BUCKET, actor=Actor.AGENT, act=EventType.FILE_OPENED, voter=max_.id, agent="camille"),
        Event(at=NOON + BUCKET, actor=Actor.VOTER, act=EventType.ASKED),
    )
    for event in events:
        with store.write() as transaction:
            transaction.journal.write(event)
    with store.read() as transaction:
        last = transaction.figures.last_line()
        found = transaction.figures.count_slice(last - len(events) + 1, last - 1)
        assert transaction.figures.voter_of_line(last - 1) == max_.id
        assert transaction.figures.voter_of_line(last + 1) is None

    bucket = int(NOON.timestamp()) // int(BUCKET.total_seconds())
    assert sorted(found.acts, key=lambda each: (each.bucket, each.act)) == [
        EventCountInBucket(bucket, "mail-bounced", 2),
        EventCountInBucket(bucket + 1, "agent-added", 1),
        EventCountInBucket(bucket + 1, "file-opened", 2),
    ]
    assert sorted(found.failures, key=lambda each: each.academie or "") == [
        FailuresByReasonAndAcademie(bucket, "mail-bounced", "other", None, 1),
        FailuresByReasonAndAcademie(bucket, "mail-bounced", "other", "Lumière", 1),
    ]
    assert found.traces == (AgentLastEvent("camille", "file-opened", last - 1, NOON + BUCKET),)


def test_what_waits_is_counted_by_kind_with_its_oldest(store: Store) -> None:
    """An ended message waits no more."""
    later = NOON + timedelta(hours=1)
    with store.write() as transaction:
        for at, kind in ((later, MessageKind.ASK), (NOON, MessageKind.ASK), (later, MessageKind.CODE)):
            transaction.outbox.put(kind=kind, case="7F3K-92QD", at=at, useful_until=later)
    with store.read() as transaction:
        found = sorted(transaction.figures.waiting_messages_by_kind(), key=lambda each: each.kind)

    assert found == [WaitingMessagesOfKind("ask", 2, NOON), WaitingMessagesOfKind("code", 1, later)]
