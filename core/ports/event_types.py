"""The types of the journal's events, and which of them are reported, refuse, or have a stable reason."""

from enum import StrEnum
from typing import Final


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
    """A gateway accepted it; the reason is the kind of the message and the gateway. What the operator reports later is SMS_REPORTED."""
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
    """The reason is the kind of the message and its `SmsDeliveryStatus`: "identifier delivered"."""
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
    """An agent searched the roll; the reason is how often since their last such event (`core.desk.voter_search`)."""
    FILE_OPENED = "file-opened"
    CALLER_VERIFIED = "caller-verified"
    CALLER_REFUSED = "caller-refused"
    COUNTERSIGNED = "countersigned"
    """A supervisor approved that the agent unfreezes, beside them or at her own terminal."""
    SIGNATURE_REQUESTED = "signature-requested"
    """An agent asks a supervisor to approve an act at her own terminal; the reason is a `ContactReason`."""
    SIGNATURE_ACCEPTED = "signature-accepted"
    SIGNATURE_DECLINED = "signature-declined"
    SIGNATURE_WITHDRAWN = "signature-withdrawn"
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
UNKNOWN_HERE: Final = "identifier-unknown-here"
"""The reason of CALL_NEEDED where the platform has an identifier that was lost here; its re-issue is recorded again."""
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
    }
)
"""Interventions of the operator, and alarms: the mail of the next checkpoint lists them, and is sent at once (rule 12)."""
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
