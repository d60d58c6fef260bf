"""The types of journal events, and which of them are reported, are refusals, or have a fixed set of reasons."""

from enum import StrEnum
from typing import Final


class EventType(StrEnum):
    """Event types. The event's reason may give details."""

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
    """A gateway accepted the SMS.

    The reason holds the message kind and the gateway. SMS_REPORTED holds the operator's later report.
    """
    SMS_POSTPONED = "sms-postponed"
    SMS_REFUSED = "sms-refused"
    SMS_CANCELLED = "sms-cancelled"
    REISSUE_OPENED = "reissue-opened"
    MATCHED = "matched"
    MATCHING_REFUSED = "matching-refused"
    CODE_QUEUED = "code-queued"
    """A code waits for the voter's pause or for a place in a budget."""
    CODE_DECIDED = "code-decided"
    """A code will be sent. The reason names the sending."""
    NUMBER_GIVEN_UP = "number-given-up"
    CODE_REFUSED = "code-refused"
    CODE_ACCEPTED = "code-accepted"
    """The reason is "page" or "sms", depending on where the code was entered."""
    REISSUE_CONFIRMED = "reissue-confirmed"
    """The request was confirmed from the voter's mailbox."""
    REISSUE_REFUSED = "reissue-refused"
    IDENTIFIER_IN_FORCE = "identifier-in-force"
    IDENTIFIER_LOST = "identifier-lost"
    """The identifier cannot have reached its voter. The reason says whether the re-issue counts."""
    REISSUE_GIVEN_UP = "reissue-given-up"
    PLATFORM_AWAY = "platform-away"
    PLATFORM_TOLD = "platform-told"
    """The voting platform was informed that the voter is frozen or unfrozen."""
    SMS_REPORTED = "sms-reported"
    """The reason holds the message kind and its `SmsDeliveryStatus`: "identifier delivered"."""
    PASSWORD_REFUSED = "password-refused"
    PASSWORD_CHOSEN = "password-chosen"
    PASSWORD_REHASHED = "password-rehashed"
    """The password was rehashed with the current parameters at sign-in."""
    SIGNED_IN = "signed-in"
    SIGN_IN_REFUSED = "sign-in-refused"
    NETWORK_SLOWED = "network-slowed"
    """One network sent wrong passwords for many addresses. Written at most once an hour for each network."""
    SIGNED_OUT = "signed-out"
    FROZEN = "frozen"
    CHANGE_RECOGNISED = "change-recognised"
    """The voter confirmed that they made a change themselves."""
    CALENDAR_REFUSED = "calendar-refused"
    ROLL_IMPORTED = "roll-imported"
    ACT_REFUSED = "act-refused"
    """The reason is the id of a `Refusal`."""
    AGENT_ADDED = "agent-added"
    AGENT_RENEWED = "agent-renewed"
    """The agent received a new first password and a new TOTP secret."""
    AGENT_REMOVED = "agent-removed"
    AGENT_SESSION_OPENED = "duty-begun"
    AGENT_SESSION_REFUSED = "duty-refused"
    AGENT_SESSION_LOCKED = "duty-locked"
    AGENT_SESSION_UNLOCKED = "duty-unlocked"
    AGENT_SESSION_CLOSED = "duty-ended"
    AGENT_PASSWORD_CHOSEN = "agent-password-chosen"
    SEARCHED = "searched"
    """An agent searched the roll.

    The reason counts the searches since the agent's last such event (`core.desk.voter_search`).
    """
    FILE_OPENED = "file-opened"
    CALLER_VERIFIED = "caller-verified"
    CALLER_REFUSED = "caller-refused"
    COUNTERSIGNED = "countersigned"
    """A supervisor approved an unfreeze, at the agent's terminal or at her own."""
    SIGNATURE_REQUESTED = "signature-requested"
    """An agent asked a supervisor to approve an act at her own terminal. The reason is a `ContactReason`."""
    SIGNATURE_ACCEPTED = "signature-accepted"
    SIGNATURE_DECLINED = "signature-declined"
    SIGNATURE_WITHDRAWN = "signature-withdrawn"
    UNFROZEN = "unfrozen"
    CALL_ENDED = "call-ended"
    """The reason is a `CallOutcome`."""
    CALL_OUTCOME_CHANGED = "call-outcome-changed"
    CALL_BACK_ASKED = "call-back-asked"
    """An agent promised a call-back, or the person requested one. The reason is a `ContactReason`."""
    CALL_BACK_TAKEN = "call-back-taken"
    CALL_BACK_GIVEN_BACK = "call-back-given-back"
    CALL_BACK_DONE = "call-back-done"
    """The reason is a `CallOutcome`."""
    ANSWERED_IN_WRITING = "answered-in-writing"
    """The reason is the id of a `WrittenAnswer`."""
    FILE_HANDED_OVER = "file-handed-over"
    """The reason is a `HandOverReason`."""
    HAND_OVER_TAKEN = "hand-over-taken"
    CASE_SHEET_MADE = "case-sheet-made"
    """A supervisor or an auditor exported a case for an escalation."""

    INCIDENT_ANNOUNCED = "incident-announced"
    """The reason holds the incident's number, sentence, scope and subject."""
    INCIDENT_ENDED = "incident-ended"
    """The reason is the incident's number."""

    CHECKPOINT_MADE = "checkpoint-made"
    PURGED = "purged"
    DATABASE_UPGRADED = "database-upgraded"
    """The database schema was upgraded. The reason is the new version number."""
    DATABASE_MOVED = "database-moved"
    """The election's data was copied into this database from another one."""
    KEYS_ROTATED = "keys-rotated"
    KEYS_RETIRED = "keys-retired"
    LOSS_DECLARED = "loss-declared"
    """The operator declared that the end of the journal was lost.

    The reason is a LossDeclaration (`core.journal.declared_losses`).
    """
    PLATFORM_RECONCILED = "platform-reconciled"
    """Differences with the voting platform were repaired. The reason counts them."""
    CALL_NEEDED = "call-needed"
    """The desk must call this voter. The reason says why."""
    ALARM = "alarm"
    """An alarm for the board. The reason names it, with the table or country concerned."""


TO_CONFIRM: Final = "-to-confirm"
"""Suffix of the reason of CODE_ACCEPTED when the request still needs confirmation, so no re-issue is reserved yet."""
LACKED_BY_PLATFORM: Final = "identifier-unknown-there"
"""Reason of CALL_NEEDED: the voting platform lost an identifier, so it is withdrawn here too."""
UNKNOWN_HERE: Final = "identifier-unknown-here"
"""Reason of CALL_NEEDED: the platform has an identifier that was lost here. Its re-issue is recorded again."""
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
"""Operator interventions and alarms. The next checkpoint mail lists them and is sent immediately (rule 12)."""
ENDS_CALL: Final = (EventType.CALL_NEEDED, EventType.CALLER_VERIFIED, EventType.IDENTIFIER_IN_FORCE)
"""Events of a voter that make an earlier CALL_NEEDED obsolete."""
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
"""Event types whose reason is one of a few fixed words."""
