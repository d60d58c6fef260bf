"""The present place of an awaited message, read from the journal and the outbox, and what the agent says about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.desk.case_progress import change_notice_lines
from core.desk.late_message_outages import LateMessagesOutage, late_messages, outage_of
from core.flows.dependencies import Dependencies
from core.forms.flow_model import Channel
from core.policy.policy_and_calendar import Calendar
from core.ports import Event, EventType, RecordedEvent, Transaction
from core.text.faces import awaited_message_sentences as words
from core.text.faces.bounce_sentences import BounceReason
from core.text.faces.timeline_sentences import TimelineLineTone
from core.text.text import Text, TimeOfDay

MINUTE = timedelta(minutes=1)
REQUESTS: Mapping[str, Channel] = {
    EventType.ASKED: Channel.MAIL,
    EventType.CODE_QUEUED: Channel.SMS,
    EventType.CODE_DECIDED: Channel.SMS,
    EventType.IDENTIFIER_IN_FORCE: Channel.SMS,
}
"""The events by which a message is asked for, and its channel."""
RETURNED_ADVICE = {
    BounceReason.MAILBOX_FULL: words.SAY_FULL,
    BounceReason.UNKNOWN_MAILBOX: words.SAY_UNKNOWN_MAILBOX,
    BounceReason.DELAYED: words.SAY_LATE,
}
PLAIN: Mapping[str, tuple[Text, TimelineLineTone, tuple[Text, ...]]] = {
    EventType.CODE_QUEUED: (words.WAITING_FOR_TURN, TimelineLineTone.NEUTRAL, words.SAY_LATE),
    EventType.LINK_REFUSED: (words.WITHOUT_LINK, TimelineLineTone.BAD, words.SAY_WITHOUT_LINK),
    EventType.MAIL_REFUSED: (words.REFUSED, TimelineLineTone.BAD, words.SAY_RETURNED),
    EventType.SMS_REFUSED: (words.REFUSED, TimelineLineTone.BAD, words.SAY_UNDELIVERED),
    EventType.MAIL_CANCELLED: (words.CANCELLED, TimelineLineTone.BAD, words.SAY_NOT_LEFT),
    EventType.SMS_CANCELLED: (words.CANCELLED, TimelineLineTone.BAD, words.SAY_NOT_LEFT),
}
"""The events that say by themselves where the message is."""
DROPPED = {
    "not-on-the-roll": (words.NOT_ON_ROLL, words.SAY_NOT_ON_ROLL),
    "too-many-asks": (words.TOO_MANY, words.SAY_TOO_MANY),
    "frozen-told-already": (words.WITHOUT_LINK, words.SAY_WITHOUT_LINK),
}
REPORTED: Mapping[str, tuple[Text, TimelineLineTone, tuple[Text, ...]]] = {
    "delivered": (words.RECEIVED, TimelineLineTone.GOOD, ()),
    "buffered": (words.KEPT_BY_OPERATOR, TimelineLineTone.NEUTRAL, words.SAY_TELEPHONE_OFF),
    "undelivered": (words.UNDELIVERED, TimelineLineTone.BAD, words.SAY_UNDELIVERED),
    "rejected": (words.UNDELIVERED, TimelineLineTone.BAD, words.SAY_UNDELIVERED),
}


@dataclass(frozen=True, slots=True)
class MessageStatusLine:
    """One line about the message. `script` is what the agent says instead of the step's own words; empty where those fit."""

    sentence: Text
    mark: TimelineLineTone
    script: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageLatenessRule:
    """Data to judge whether a waiting message is late: the time, the policy's delays, and a known outage."""

    now: datetime
    calendar: Calendar
    normal_minutes: int
    outage: LateMessagesOutage | None

    def local_clock_time(self, moment: datetime) -> TimeOfDay:
        """Return the moment as a clock time in the election's zone."""
        return TimeOfDay(self.calendar.to_local(moment))


@dataclass(frozen=True, slots=True)
class AwaitedMessageTracker:
    """Reads what has become of a case's message. `changes` are the events that a notice follows."""

    dependencies: Dependencies
    changes: frozenset[str]

    def find_message_status(
        self, transaction: Transaction, history: Sequence[RecordedEvent]
    ) -> MessageStatusLine | None:
        """Return where the message is that was asked for last in the case of that history."""
        now, policy = self.dependencies.clock.now(), self.dependencies.policy
        notices = change_notice_lines(history, self.changes)
        channel = next((REQUESTS[each.event.act] for each in reversed(history) if each.event.act in REQUESTS), None)
        late = [] if channel is None else late_messages(transaction, now, policy.desk_late_minutes)
        outage = outage_of(late)
        clock = MessageLatenessRule(
            now=now,
            calendar=self.dependencies.calendar,
            normal_minutes=policy.normal_mail_delay_minutes,
            outage=outage if outage is not None and channel in outage.channels else None,
        )
        return awaited_message_line([each for each in history if each.line not in notices], clock)


def awaited_message_line(history: Sequence[RecordedEvent], clock: MessageLatenessRule) -> MessageStatusLine | None:
    """Return where the message is that was asked for last in this case; None where none was."""
    found: MessageStatusLine | None = None
    asked, channel = clock.now, Channel.MAIL
    for event in (recorded.event for recorded in history):
        if event.act in REQUESTS:
            asked, channel = event.at, REQUESTS[event.act]
        found = _after(event, clock, asked, channel) or found
    return found


def _after(event: Event, clock: MessageLatenessRule, asked: datetime, channel: Channel) -> MessageStatusLine | None:
    """Return where the message is after that event; None when the event says nothing about it."""
    at, reason = {"at": clock.local_clock_time(event.at)}, event.reason or ""
    found: MessageStatusLine | None = None
    match event.act:
        case act if act in PLAIN:
            sentence, mark, script = PLAIN[act]
            found = MessageStatusLine(sentence.fill(at), mark, script)
        case act if act in REQUESTS:
            found = _waiting(asked, clock)
        case EventType.ASK_DROPPED:
            sentence, script = DROPPED.get(reason, (words.DROPPED, words.SAY_NOT_LEFT))
            found = MessageStatusLine(sentence, TimelineLineTone.BAD, script)
        case EventType.MAIL_POSTPONED | EventType.SMS_POSTPONED:
            found = _waiting(asked, clock, postponed=event.at)
        case EventType.MAIL_ACCEPTED | EventType.SMS_ACCEPTED:
            accepted = words.MAIL_ACCEPTED if channel is Channel.MAIL else words.SMS_ACCEPTED
            found = MessageStatusLine(accepted.fill(at), TimelineLineTone.GOOD)
        case EventType.MAIL_BOUNCED:
            found = _returned(reason)
        case EventType.SMS_REPORTED if (report := reason.rpartition(" ")[2]) in REPORTED:
            sentence, mark, script = REPORTED[report]
            found = MessageStatusLine(sentence.fill(at), mark, script)
    return found


def _waiting(asked: datetime, clock: MessageLatenessRule, *, postponed: datetime | None = None) -> MessageStatusLine:
    minutes = max(0, (clock.now - asked) // MINUTE)
    waiting = words.NOT_LEFT_YET.for_count(minutes)
    if clock.outage is not None:
        sentence = words.WAITING_IN_OUTAGE.fill(
            {"waiting": waiting, "since": clock.local_clock_time(clock.outage.since)}
        )
        return MessageStatusLine(sentence, TimelineLineTone.BAD, words.SAY_OUTAGE)
    late = words.SAY_LATE if postponed or minutes >= clock.normal_minutes else ()
    if postponed is None:
        return MessageStatusLine(waiting, TimelineLineTone.BAD if late else TimelineLineTone.NEUTRAL, late)
    sentence = words.POSTPONED.fill({"waiting": waiting, "at": clock.local_clock_time(postponed)})
    return MessageStatusLine(sentence, TimelineLineTone.BAD, late)


def _returned(reason: str) -> MessageStatusLine:
    known = BounceReason(reason) if reason in set(BounceReason) else BounceReason.OTHER
    mark = TimelineLineTone.NEUTRAL if known is BounceReason.DELAYED else TimelineLineTone.BAD
    return MessageStatusLine(words.RETURNED[known], mark, RETURNED_ADVICE.get(known, words.SAY_RETURNED))
