from enum import StrEnum
from typing import Final


class EventType(StrEnum):
    ASKED = "asked"
    ASK_DROPPED = "ask-dropped"
    LINK_DECIDED = "link-decided"
    LINK_REFUSED = "link-refused"
    LINK_OPENED = "link-opened"
    DEAD_LINK_OPENED = "dead-link-opened"
    """Someone opened a link that no longer works. The event's reason is the refusal's id."""
    MAIL_ACCEPTED = "mail-accepted"
    MAIL_POSTPONED = "mail-postponed"
    MAIL_REFUSED = "mail-refused"
    MAIL_BOUNCED = "mail-bounced"
    MAIL_CANCELLED = "mail-cancelled"
    SMS_ACCEPTED = "sms-accepted"
    """A gateway accepted an SMS. The event's reason names the message kind and the gateway."""
    SMS_POSTPONED = "sms-postponed"
    SMS_REFUSED = "sms-refused"
    SMS_CANCELLED = "sms-cancelled"
    REISSUE_OPENED = "reissue-opened"
    MATCHED = "matched"
    MATCHING_REFUSED = "matching-refused"
    CODE_QUEUED = "code-queued"
    """A security code must wait. The event's reason is "pause" or "budget"."""
    CODE_DECIDED = "code-decided"
    """A security code will be sent by SMS. The reason "2.3" means the second code, third attempt."""
    CALL_DECIDED = "call-decided"
    """A call will read out a security code. The reason "2.3" means the second code, third attempt."""
    NUMBER_GIVEN_UP = "number-given-up"
    CODE_REFUSED = "code-refused"
    CODE_ACCEPTED = "code-accepted"
    """The voter gave the right security code. The event's reason begins with the channel."""
    REISSUE_CONFIRMED = "reissue-confirmed"
    REISSUE_REFUSED = "reissue-refused"
    IDENTIFIER_IN_FORCE = "identifier-in-force"
    IDENTIFIER_LOST = "identifier-lost"
    """The SMS with a new identifier was lost."""
    IDENTIFIER_DISOWNED = "identifier-disowned"
    """The voter denied having requested a new identifier."""
    IDENTIFIER_REVOKED = "identifier-revoked"
    """The voting platform revoked an identifier. The event's reason begins with the identifier's number."""
    REISSUE_GIVEN_UP = "reissue-given-up"
    PLATFORM_AWAY = "platform-away"
    PLATFORM_TOLD = "platform-told"
    SMS_REPORTED = "sms-reported"
    """A delivery report arrived for an SMS, with a reason such as "identifier delivered"."""
    PASSWORD_REFUSED = "password-refused"
    PASSWORD_CHOSEN = "password-chosen"
    PASSWORD_REHASHED = "password-rehashed"
    """A voter's password was hashed again with the current parameters."""
    SIGNED_IN = "signed-in"
    SIGN_IN_REFUSED = "sign-in-refused"
    NETWORK_SLOWED = "network-slowed"
    """Many wrong passwords came from one network. Recorded at most once an hour."""
    SIGNED_OUT = "signed-out"
    FROZEN = "frozen"
    CHANGE_RECOGNISED = "change-recognised"
    CALENDAR_REFUSED = "calendar-refused"
    ROLL_IMPORTED = "roll-imported"
    ACT_REFUSED = "act-refused"
    AGENT_ADDED = "agent-added"
    AGENT_RENEWED = "agent-renewed"
    AGENT_REMOVED = "agent-removed"
    AGENT_SESSION_OPENED = "duty-begun"
    AGENT_SESSION_REFUSED = "duty-refused"
    AGENT_SESSION_LOCKED = "duty-locked"
    AGENT_SESSION_UNLOCKED = "duty-unlocked"
    AGENT_SESSION_CLOSED = "duty-ended"
    AGENT_PASSWORD_CHOSEN = "agent-password-chosen"
    SEARCHED = "searched"
    """An agent searched for voters. The event's reason counts the searches and the voters shown."""
    FILE_OPENED = "file-opened"
    CALLER_VERIFIED = "caller-verified"
    CALLER_REFUSED = "caller-refused"
    COUNTERSIGNED = "countersigned"
    """A supervisor approved the unfreezing of an account."""
    SIGNATURE_REQUESTED = "signature-requested"
    SIGNATURE_ACCEPTED = "signature-accepted"
    SIGNATURE_DECLINED = "signature-declined"
    SIGNATURE_WITHDRAWN = "signature-withdrawn"
    UNFROZEN = "unfrozen"
    CALL_ENDED = "call-ended"
    CALL_OUTCOME_CHANGED = "call-outcome-changed"
    CALL_BACK_ASKED = "call-back-asked"
    """A call-back was promised or requested. The event's reason is a `ContactReason`."""
    CALL_BACK_TAKEN = "call-back-taken"
    CALL_BACK_GIVEN_BACK = "call-back-given-back"
    CALL_BACK_DONE = "call-back-done"
    ANSWERED_IN_WRITING = "answered-in-writing"
    FILE_HANDED_OVER = "file-handed-over"
    HAND_OVER_TAKEN = "hand-over-taken"
    CASE_SHEET_MADE = "case-sheet-made"

    INCIDENT_ANNOUNCED = "incident-announced"
    """A supervisor announced an incident. The event's reason describes the incident."""
    INCIDENT_ENDED = "incident-ended"

    CHECKPOINT_MADE = "checkpoint-made"
    PURGED = "purged"
    DATABASE_UPGRADED = "database-upgraded"
    DATABASE_MOVED = "database-moved"
    KEYS_ROTATED = "keys-rotated"
    KEYS_RETIRED = "keys-retired"
    LOSS_DECLARED = "loss-declared"
    """The operator declared that the end of the journal was lost. The event's reason is a `LossDeclaration`."""
    PLATFORM_RECONCILED = "platform-reconciled"
    CALL_NEEDED = "call-needed"
    ALARM = "alarm"
    """The electoral board must be warned. The event's reason names the alarm."""


TO_CONFIRM: Final = "-to-confirm"
"""Suffix of a CODE_ACCEPTED reason if the voter must still confirm by email."""
LACKED_BY_PLATFORM: Final = "identifier-unknown-there"
"""Reason to call a voter: the voting platform has lost the new identifier."""
FROZEN_ON_PLATFORM: Final = "frozen"
FREE_ON_PLATFORM: Final = "free"
UNKNOWN_HERE: Final = "identifier-unknown-here"
"""Reason to call a voter: our database has lost the new identifier."""
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
"""Event types that are emailed to the electoral board immediately."""
ALARM_EVENTS: Final = frozenset({EventType.ALARM, EventType.NETWORK_SLOWED})
ENDS_CALL: Final = (EventType.CALL_NEEDED, EventType.CALLER_VERIFIED, EventType.IDENTIFIER_IN_FORCE)
"""Events that make a voter's earlier CALL_NEEDED event obsolete."""
REFUSALS: Final = frozenset(
    {
        EventType.ASK_DROPPED,
        EventType.LINK_REFUSED,
        EventType.DEAD_LINK_OPENED,
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
"""Event types whose reason comes from a fixed list."""
ACCESS_CHANGED: Final = "access-changed"
"""Reason for cancelling a mail: its link no longer works. If a courier was killed, the mail may have been sent."""
