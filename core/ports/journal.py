"""The journal: its events, and what is read of them."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

import msgspec


class EventType(StrEnum):
    """The types of events. A reason may refine one."""

    ASKED = "asked"
    ASK_DROPPED = "ask-dropped"
    LINK_DECIDED = "link-decided"
    LINK_REFUSED = "link-refused"
    LINK_OPENED = "link-opened"
    MAIL_ACCEPTED = "mail-accepted"
    MAIL_POSTPONED = "mail-postponed"
    MAIL_REFUSED = "mail-refused"
    MAIL_BOUNCED = "mail-bounced"
    MAIL_CANCELLED = "mail-cancelled"
    SMS_ACCEPTED = "sms-accepted"
    """A gateway accepted it; what the operator reports later is SMS_REPORTED."""
    SMS_POSTPONED = "sms-postponed"
    SMS_REFUSED = "sms-refused"
    SMS_CANCELLED = "sms-cancelled"
    REISSUE_OPENED = "reissue-opened"
    MATCHED = "matched"
    MATCHING_REFUSED = "matching-refused"
    CODE_QUEUED = "code-queued"
    """A code waits for the voter's pause, or for its turn in a budget."""
    CODE_DECIDED = "code-decided"
    """A code is to go out; the reason says which sending."""
    NUMBER_GIVEN_UP = "number-given-up"
    CODE_REFUSED = "code-refused"
    CODE_ACCEPTED = "code-accepted"
    """The reason says how it came: "page" or "sms"."""
    REISSUE_CONFIRMED = "reissue-confirmed"
    """The request was confirmed in the voter's mailbox."""
    REISSUE_REFUSED = "reissue-refused"
    IDENTIFIER_IN_FORCE = "identifier-in-force"
    IDENTIFIER_LOST = "identifier-lost"
    """The identifier cannot have reached its voter; the reason says whether the re-issue is counted."""
    REISSUE_GIVEN_UP = "reissue-given-up"
    PLATFORM_AWAY = "platform-away"
    PLATFORM_TOLD = "platform-told"
    """The voting platform was told that the voter is frozen, or no longer."""
    SMS_REPORTED = "sms-reported"
    """The reason is the kind of the message and its `DeliveryStatus`: "identifier delivered"."""
    PASSWORD_REFUSED = "password-refused"
    PASSWORD_CHOSEN = "password-chosen"
    PASSWORD_REHASHED = "password-rehashed"
    """The same password was hashed with today's parameters when its voter signed in."""
    SIGNED_IN = "signed-in"
    SIGN_IN_REFUSED = "sign-in-refused"
    NETWORK_SLOWED = "network-slowed"
    """Wrong passwords came from one network for many addresses; written once an hour for each."""
    SIGNED_OUT = "signed-out"
    FROZEN = "frozen"
    CHANGE_RECOGNISED = "change-recognised"
    """The voter has said of a change that it was theirs."""
    CALENDAR_REFUSED = "calendar-refused"
    ROLL_IMPORTED = "roll-imported"
    ACT_REFUSED = "act-refused"
    """The reason, the id of a `Refusal`, is all that is known."""
    AGENT_ADDED = "agent-added"
    AGENT_RENEWED = "agent-renewed"
    """The agent was given a new first password and a new secret for codes."""
    AGENT_REMOVED = "agent-removed"
    AGENT_SESSION_OPENED = "duty-begun"
    AGENT_SESSION_REFUSED = "duty-refused"
    AGENT_SESSION_LOCKED = "duty-locked"
    AGENT_SESSION_UNLOCKED = "duty-unlocked"
    AGENT_SESSION_CLOSED = "duty-ended"
    AGENT_PASSWORD_CHOSEN = "agent-password-chosen"
    SEARCHED = "searched"
    """An agent searched the roll; the reason is how often since their last such event (`core.desk.search_audit`)."""
    FILE_OPENED = "file-opened"
    CALLER_VERIFIED = "caller-verified"
    CALLER_REFUSED = "caller-refused"
    COUNTERSIGNED = "countersigned"
    """A supervisor signed for the agent who unfreezes, beside them or at her own terminal."""
    SIGNATURE_REQUESTED = "signature-requested"
    """An agent asks a supervisor to sign at her own terminal; the reason is a `ContactReason`."""
    SIGNATURE_ACCEPTED = "signature-accepted"
    SIGNATURE_DECLINED = "signature-declined"
    UNFROZEN = "unfrozen"
    CALL_ENDED = "call-ended"
    """The reason is the outcome of the call, a `CallOutcome`."""
    CALL_OUTCOME_CHANGED = "call-outcome-changed"
    CALL_BACK_ASKED = "call-back-asked"
    """An agent promised to call back, or the person asked for it; the reason is a `ContactReason`."""
    CALL_BACK_TAKEN = "call-back-taken"
    CALL_BACK_GIVEN_BACK = "call-back-given-back"
    CALL_BACK_DONE = "call-back-done"
    """The reason is the outcome."""
    ANSWERED_IN_WRITING = "answered-in-writing"
    """The reason is the id of a `WrittenAnswer`."""
    FILE_HANDED_OVER = "file-handed-over"
    """The reason is a `HandOverReason`."""
    HAND_OVER_TAKEN = "hand-over-taken"
    CASE_SHEET_MADE = "case-sheet-made"
    """A supervisor or an auditor exported a case for an escalation."""

    INCIDENT_ANNOUNCED = "incident-announced"
    """The reason is its number, sentence, scope and subject."""
    INCIDENT_ENDED = "incident-ended"
    """The reason is its number."""

    CHECKPOINT_MADE = "checkpoint-made"
    PURGED = "purged"
    ROWS_AUTHENTICATED = "rows-authenticated"
    """The rows of a former version of the product were given tags; the reason says "begun" or "done"."""
    DATABASE_UPGRADED = "database-upgraded"
    """The tables were brought to another version; the reason is its number."""
    DATABASE_MOVED = "database-moved"
    """The election's data was copied to another database, which is this one."""
    KEYS_ROTATED = "keys-rotated"
    KEYS_RETIRED = "keys-retired"
    LOSS_DECLARED = "loss-declared"
    """The operator declares that the end of the journal was lost; the reason is a LossDeclaration (`core.journal.declared_losses`)."""
    PLATFORM_RECONCILED = "platform-reconciled"
    """Differences with the voting platform were repaired; the reason counts them."""
    CALL_NEEDED = "call-needed"
    """The desk is to call that voter; the reason says why."""
    ALARM = "alarm"
    """Something that the board must know; the reason says what, with the table or country it is about."""


TO_CONFIRM: Final = "-to-confirm"
"""End of the reason of CODE_ACCEPTED where a request is still to be confirmed, so that no re-issue is reserved yet."""
LACKED_BY_PLATFORM: Final = "identifier-unknown-there"
"""The reason of CALL_NEEDED where the voting platform lost an identifier, which is withdrawn here."""
EVENT_TYPES: Final[Mapping[str, EventType]] = {each.value: each for each in EventType}


def event_type(name: str) -> str:
    """The event type of that name. A flow may have events of its own, which are their name alone."""
    return EVENT_TYPES.get(name, name)


class Actor(StrEnum):
    """Actors of events."""

    VOTER = "voter"
    COURIER = "courier"
    OPERATOR = "operator"
    """The operator who runs commands on the service's machine."""
    NETWORK = "network"
    """The mobile operator, who reports what became of an SMS."""
    SERVICE = "service"
    """The service itself, which raises an alarm."""
    AGENT = "agent"
    """An agent, whom the event names."""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """An event (rule 12): who did what, in which case, and why. It holds no secret and no clear personal data."""

    at: datetime
    actor: Actor
    act: str
    """An EventType, or the name of an event of a flow's own."""
    case: str | None = None
    voter: int | None = None
    reason: str | None = None
    agent: str | None = None
    """The name of the agent's account."""
    credential: str | None = None
    """The keyed digest of the password that the voter has from then on, of the number that they claimed, or of the imported roll."""

    @classmethod
    def by_voter(
        cls,
        at: datetime,
        act: EventType,
        *,
        case: str | None = None,
        voter: int | None = None,
        reason: str | None = None,
        credential: str | None = None,
    ) -> "Event":
        """Make the event of what a voter did, or whoever visits the site."""
        return cls(at=at, actor=Actor.VOTER, act=act, case=case, voter=voter, reason=reason, credential=credential)


class RecordedEvent(msgspec.Struct, frozen=True):
    """A line of the journal with its number. A line may still appear below one that was read."""

    line: int
    event: Event


REPORTED_AT_ONCE: Final = frozenset(
    {
        EventType.AGENT_ADDED,
        EventType.AGENT_RENEWED,
        EventType.AGENT_REMOVED,
        EventType.ALARM,
        EventType.DATABASE_MOVED,
        EventType.DATABASE_UPGRADED,
        EventType.KEYS_RETIRED,
        EventType.KEYS_ROTATED,
        EventType.LOSS_DECLARED,
        EventType.NETWORK_SLOWED,
        EventType.PLATFORM_RECONCILED,
        EventType.PURGED,
        EventType.ROLL_IMPORTED,
        EventType.ROWS_AUTHENTICATED,
    }
)
"""Interventions of the operator, and alarms: the mail of the next checkpoint lists them, and is sent at once (rule 12)."""
REPORTED_OF_OPERATOR: Final = frozenset({EventType.INCIDENT_ANNOUNCED, EventType.INCIDENT_ENDED})
"""Events that are reported so only when the operator is their actor, and no supervisor."""


ENDS_CALL: Final = (EventType.CALL_NEEDED, EventType.CALLER_VERIFIED, EventType.IDENTIFIER_IN_FORCE)
"""The events of a voter after which an earlier CALL_NEEDED is of no use."""


REFUSALS: Final = frozenset(
    {
        EventType.ASK_DROPPED,
        EventType.LINK_REFUSED,
        EventType.PASSWORD_REFUSED,
        EventType.SIGN_IN_REFUSED,
        EventType.MATCHING_REFUSED,
        EventType.CODE_REFUSED,
        EventType.REISSUE_REFUSED,
        EventType.CALENDAR_REFUSED,
        EventType.ACT_REFUSED,
        EventType.AGENT_SESSION_REFUSED,
        EventType.CALLER_REFUSED,
    }
)


REASONED: Final = REFUSALS | {EventType.MAIL_BOUNCED, EventType.SMS_REPORTED}
"""Event types whose reason is one of a few stable words; a relay's own words are none."""


class JournalCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Count of each event type after a given line, with its reason for those in REASONED.

    `settled` counts the lines up to `line`, which nothing can join any more; `fresh` those after it.
    """

    line: int
    settled: Mapping[tuple[str, str | None], int]
    fresh: Mapping[tuple[str, str | None], int]


class JournalFilter(msgspec.Struct, frozen=True, kw_only=True):
    """The lines that are wanted: of a case, of a voter and their cases, of an event, of an agent; all of them by default."""

    case: str | None = None
    voter: int | None = None
    act: str | None = None
    agent: str | None = None

    @property
    def names_file(self) -> bool:
        """True if the lines are those of one case or voter, which an index finds."""
        return self.case is not None or self.voter is not None


class Journal(Protocol):
    """The record of what happened. An event is written in the transaction of its act and never changed."""

    def write(self, event: Event) -> None:
        """Add a line."""

    def of_case(self, number: str) -> list[Event]:
        """Return a case's events, oldest first."""

    def case_history(self, number: str, limit: int) -> list[RecordedEvent]:
        """Return the latest lines of a case, oldest first."""

    def voter_history(self, voter: int, limit: int) -> list[RecordedEvent]:
        """Return the latest lines of a voter and of all cases known to be theirs, oldest first."""

    def page(self, wanted: JournalFilter, *, after: int, before: int, limit: int) -> list[RecordedEvent]:
        """Return the latest wanted lines between two lines, the latest first."""

    def bounced(self, limit: int) -> list[RecordedEvent]:
        """Return the latest bounced mails, the latest first."""

    def voters_to_call(self, limit: int) -> list[RecordedEvent]:
        """Return the first CALL_NEEDED of voters who have not called since, nor received an identifier; one for each."""

    def last_line_before(self, moment: datetime) -> int:
        """Return the last line written before that moment, approximately; 0 if there is none."""

    def count_events(self, *, after: int, recent: datetime) -> JournalCounts:
        """Count the lines after line `after`; a line is settled when it and those before it are older than `recent`.

        Lines are numbered before their transactions end, so a recent one may still be joined by a smaller number.
        """
