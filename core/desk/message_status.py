"""Finds out what happened to the message that a voter is waiting for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.desk.incidents import LateMessagesOutage, late_messages, outage_of
from core.desk.progress import journal_lines_of_change_notices
from core.flows.dependencies import Dependencies
from core.forms.flow_model import Channel
from core.ports import ACCESS_CHANGED, Event, EventType, MessageKind, RecordedEvent, Transaction
from core.text.faces import awaited_message_sentences as words
from core.text.faces.bounce_sentences import BounceReason
from core.text.faces.timeline_sentences import TimelineLineTone
from core.text.text import Text, TimeOfDay

MINUTE = timedelta(minutes=1)
REQUESTS: Mapping[str, Channel] = {
    EventType.ASKED: Channel.MAIL,
    EventType.CODE_QUEUED: Channel.SMS,
    EventType.CODE_DECIDED: Channel.SMS,
    EventType.CALL_DECIDED: Channel.SMS,
    EventType.IDENTIFIER_IN_FORCE: Channel.SMS,
}
"""For each event type that requests a message, the channel of that message."""
CODE_SENDINGS = frozenset({EventType.CODE_DECIDED, EventType.CALL_DECIDED})
SMS_EVENTS = frozenset(
    {
        EventType.SMS_ACCEPTED,
        EventType.SMS_POSTPONED,
        EventType.SMS_REFUSED,
        EventType.SMS_CANCELLED,
        EventType.SMS_REPORTED,
    }
)
RETURNED_ADVICE = {
    BounceReason.MAILBOX_FULL: words.SAY_FULL,
    BounceReason.UNKNOWN_MAILBOX: words.SAY_UNKNOWN_MAILBOX,
    BounceReason.DELAYED: words.SAY_LATE,
}
PLAIN: Mapping[str, tuple[Text, TimelineLineTone, tuple[Text, ...]]] = {
    EventType.CODE_QUEUED: (words.WAITING_FOR_TURN, TimelineLineTone.NEUTRAL, words.SAY_SMS_LATE),
    EventType.LINK_REFUSED: (words.WITHOUT_LINK, TimelineLineTone.BAD, words.SAY_WITHOUT_LINK),
    EventType.MAIL_REFUSED: (words.REFUSED, TimelineLineTone.BAD, words.SAY_RETURNED),
    EventType.SMS_REFUSED: (words.REFUSED, TimelineLineTone.BAD, words.SAY_UNDELIVERED),
    EventType.MAIL_CANCELLED: (words.CANCELLED, TimelineLineTone.BAD, words.SAY_NOT_LEFT),
    EventType.SMS_CANCELLED: (words.CANCELLED, TimelineLineTone.BAD, words.SAY_SMS_NOT_LEFT),
}
"""Message status and advice for the agent, by event type."""
DROPPED = {
    "not-on-the-roll": (words.DROPPED, words.SAY_NOT_ON_ROLL),
    "too-many-asks": (words.TOO_MANY, words.SAY_TOO_MANY),
    "frozen-told-already": (words.WITHOUT_LINK, words.SAY_WITHOUT_LINK),
}
REPORTED: Mapping[str, tuple[Text, TimelineLineTone, tuple[Text, ...]]] = {
    "delivered": (words.RECEIVED, TimelineLineTone.GOOD, ()),
    "buffered": (words.KEPT_BY_OPERATOR, TimelineLineTone.NEUTRAL, words.SAY_TELEPHONE_OFF),
    "undelivered": (words.UNDELIVERED, TimelineLineTone.BAD, words.SAY_UNDELIVERED),
    "rejected": (words.UNDELIVERED, TimelineLineTone.BAD, words.SAY_UNDELIVERED),
    "busy": (words.LINE_BUSY, TimelineLineTone.BAD, words.SAY_CALL_FAILED),
    "no-answer": (words.CALL_NOT_ANSWERED, TimelineLineTone.BAD, words.SAY_CALL_FAILED),
}
ANOTHER_SENDING = (words.SAY_CALL_FAILED, words.SAY_UNDELIVERED, words.SAY_SMS_NOT_LEFT)
"""Advice to have the code sent again. Must not be given after the last allowed attempt."""


@dataclass(frozen=True, slots=True)
class MessageStatusLine:
    """The status of a message. The agent reads `script` aloud, unless it is empty."""

    sentence: Text
    mark: TimelineLineTone
    script: tuple[Text, ...] = ()
    is_sms: bool = False
    is_call: bool = False

    @property
    def labelled(self) -> Text:
        label = words.CALL_IS if self.is_call else words.SMS_IS if self.is_sms else words.MESSAGE_IS
        return label.fill({"where": self.sentence})


@dataclass(frozen=True, slots=True)
class AwaitedMessageTracker:
    dependencies: Dependencies
    changes: frozenset[str]

    def find_message_status(
        self, transaction: Transaction, history: Sequence[RecordedEvent]
    ) -> MessageStatusLine | None:
        """Return the status of the last message requested in a case, or None."""
        now, late_minutes = self.dependencies.clock.now(), self.dependencies.policy.desk_late_minutes
        notices = journal_lines_of_change_notices(history, self.changes)
        last = next((REQUESTS[each.event.act] for each in reversed(history) if each.event.act in REQUESTS), None)
        outage = None if last is None else outage_of(late_messages(transaction, now, late_minutes))
        if outage is not None and last not in outage.channels:
            outage = None
        found: MessageStatusLine | None = None
        asked, channel, is_call, is_last_sending = now, Channel.MAIL, False, False
        for event in (each.event for each in history if each.line not in notices):
            if event.act in REQUESTS:
                asked, channel, is_call = event.at, REQUESTS[event.act], event.act == EventType.CALL_DECIDED
                is_last_sending = event.act in CODE_SENDINGS and self._is_last_sending(event)
            if event.act in SMS_EVENTS and is_about_call(event) != is_call:
                continue  # such as a late report of the SMS before the call
            found = self._after(event, asked, channel, outage) or found
        if found and is_last_sending and found.script in ANOTHER_SENDING:
            found = replace(found, script=words.SAY_LAST_SENDING_FAILED)
        elif found and is_call and found.script == words.SAY_UNDELIVERED:
            found = replace(found, script=words.SAY_CALL_FAILED)
        return found and replace(found, is_sms=channel is Channel.SMS, is_call=is_call)

    def _after(
        self, event: Event, asked: datetime, channel: Channel, outage: LateMessagesOutage | None
    ) -> MessageStatusLine | None:
        at, reason = {"at": self._local_time(event.at)}, event.reason or ""
        found: MessageStatusLine | None = None
        match event.act:
            case EventType.MAIL_CANCELLED if reason == ACCESS_CHANGED:
                found = MessageStatusLine(words.LINK_STOPPED, TimelineLineTone.NEUTRAL)
            case act if act in PLAIN:
                sentence, mark, script = PLAIN[act]
                found = MessageStatusLine(sentence.fill(at), mark, script)
            case act if act in REQUESTS:
                found = self._waiting(asked, channel, outage)
            case EventType.ASK_DROPPED:
                sentence, script = DROPPED.get(reason, (words.DROPPED, words.SAY_NOT_LEFT))
                found = MessageStatusLine(sentence, TimelineLineTone.BAD, script)
            case EventType.MAIL_POSTPONED | EventType.SMS_POSTPONED:
                found = self._waiting(asked, channel, outage, postponed=event.at)
            case EventType.MAIL_ACCEPTED | EventType.SMS_ACCEPTED:
                accepted = words.MAIL_ACCEPTED if channel is Channel.MAIL else words.SMS_ACCEPTED
                found = MessageStatusLine(accepted.fill(at), TimelineLineTone.NEUTRAL)
            case EventType.MAIL_BOUNCED:
                found = returned(reason)
            case EventType.SMS_REPORTED if (report := reason.rpartition(" ")[2]) in REPORTED:
                sentence, mark, script = REPORTED[report]
                found = MessageStatusLine(sentence.fill(at), mark, script)
        return found

    def _waiting(
        self, asked: datetime, channel: Channel, outage: LateMessagesOutage | None, *, postponed: datetime | None = None
    ) -> MessageStatusLine:
        is_sms = channel is Channel.SMS
        minutes = max(0, (self.dependencies.clock.now() - asked) // MINUTE)
        waiting = words.NOT_LEFT_YET.for_count(minutes)
        if outage is not None:
            sentence = words.WAITING_IN_OUTAGE.fill({"waiting": waiting, "since": self._local_time(outage.since)})
            return MessageStatusLine(
                sentence, TimelineLineTone.BAD, words.SAY_SMS_OUTAGE if is_sms else words.SAY_OUTAGE
            )
        is_late = postponed is not None or minutes >= self.dependencies.policy.normal_mail_delay_minutes
        if postponed is not None:
            sentence = words.SMS_POSTPONED if is_sms else words.POSTPONED
            waiting = sentence.fill({"waiting": waiting, "at": self._local_time(postponed)})
        mark = TimelineLineTone.BAD if is_late else TimelineLineTone.NEUTRAL
        script = words.SAY_SMS_LATE if is_sms else words.SAY_LATE
        return MessageStatusLine(waiting, mark, script if is_late else ())

    def _is_last_sending(self, event: Event) -> bool:
        _, _, sendings = (event.reason or "").partition(".")
        return int(sendings or 0) >= self.dependencies.policy.code_sendings

    def _local_time(self, moment: datetime) -> TimeOfDay:
        return TimeOfDay(self.dependencies.calendar.to_local(moment))


def is_about_call(event: Event) -> bool:
    return (event.reason or "").partition(" ")[0] == MessageKind.CALL


def returned(reason: str) -> MessageStatusLine:
    known = BounceReason(reason) if reason in set(BounceReason) else BounceReason.OTHER
    mark = TimelineLineTone.NEUTRAL if known is BounceReason.DELAYED else TimelineLineTone.BAD
    return MessageStatusLine(words.RETURNED[known], mark, RETURNED_ADVICE.get(known, words.SAY_RETURNED))
