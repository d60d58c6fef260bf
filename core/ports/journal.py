"""What happened, as it is written, chained and read again."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

import msgspec


class Act(StrEnum):
    """What the journal can say happened. Past tense: it did. Reasons refine it, in words of their own."""

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
    """By a gateway; what the operator says of it is SMS_REPORTED."""
    SMS_POSTPONED = "sms-postponed"
    SMS_REFUSED = "sms-refused"
    SMS_CANCELLED = "sms-cancelled"
    REISSUE_OPENED = "reissue-opened"
    MATCHED = "matched"
    MATCHING_REFUSED = "matching-refused"
    CODE_DECIDED = "code-decided"
    """A code is to go out; the reason says which sending."""
    CODE_REFUSED = "code-refused"
    CODE_ACCEPTED = "code-accepted"
    """The reason says how it came: "page" or "sms"."""
    REISSUE_REFUSED = "reissue-refused"
    IDENTIFIER_IN_FORCE = "identifier-in-force"
    IDENTIFIER_LOST = "identifier-lost"
    """It cannot have reached its voter; the reason says whether the re-issue is counted."""
    REISSUE_GIVEN_UP = "reissue-given-up"
    PLATFORM_AWAY = "platform-away"
    PLATFORM_TOLD = "platform-told"
    """That the voter is frozen, or no longer."""
    SMS_REPORTED = "sms-reported"
    """The reason is the kind of the parcel and its `Delivery`: "identifier delivered"."""
    PASSWORD_REFUSED = "password-refused"
    PASSWORD_CHOSEN = "password-chosen"
    SIGNED_IN = "signed-in"
    SIGN_IN_REFUSED = "sign-in-refused"
    SIGNED_OUT = "signed-out"
    FROZEN = "frozen"
    CALENDAR_REFUSED = "calendar-refused"
    ROLL_IMPORTED = "roll-imported"
    ACT_REFUSED = "act-refused"
    """Nothing more is known of it than the reason: the id of its `Refusal`."""
    AGENT_ADDED = "agent-added"
    AGENT_RENEWED = "agent-renewed"
    """Given a new first password and a new secret for codes."""
    AGENT_REMOVED = "agent-removed"
    DUTY_BEGUN = "duty-begun"
    DUTY_REFUSED = "duty-refused"
    DUTY_LOCKED = "duty-locked"
    DUTY_UNLOCKED = "duty-unlocked"
    DUTY_ENDED = "duty-ended"
    AGENT_PASSWORD_CHOSEN = "agent-password-chosen"
    FILE_OPENED = "file-opened"
    CALLER_VERIFIED = "caller-verified"
    CALLER_REFUSED = "caller-refused"
    COUNTERSIGNED = "countersigned"
    """A supervisor signed beside the agent who unfreezes."""
    UNFROZEN = "unfrozen"

    CHECKPOINT_MADE = "checkpoint-made"
    PURGED = "purged"


class Actor(StrEnum):
    """Who acts."""

    VOTER = "voter"
    COURIER = "courier"
    OPERATOR = "operator"
    """Whoever types commands on the service's own machine."""
    NETWORK = "network"
    """The mobile operator, who reports what became of an SMS."""
    AGENT = "agent"
    """Someone at the desk: the event says who."""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the journal (rule 12): who did what, in which case, and why. No secret, no clear personal data."""

    at: datetime
    actor: Actor
    act: Act
    case: str | None = None
    voter: int | None = None
    reason: str | None = None
    agent: str | None = None
    """Who at the desk, by the name of their account."""


class Written(msgspec.Struct, frozen=True):
    """A line of the journal as it stands there. Numbers grow, but a line may still join below one that is read."""

    line: int
    event: Event


class Line(msgspec.Struct, frozen=True, gc=False):
    """A line of the journal as it lies in the store, whatever was done to it: `columns` by the names of Event's fields."""

    number: int
    columns: Mapping[str, object]


class Seal(msgspec.Struct, frozen=True, gc=False):
    """A link of the chain: the line that stands at that position, and the digest of it and of all before (`core.journal`)."""

    position: int
    line: int
    digest: bytes


class Gap(msgspec.Struct, frozen=True):
    """Numbers that were given and not seen when lines after them were sealed: abandoned, or in a slow transaction."""

    first: int
    last: int


class ChainEnd(msgspec.Struct, frozen=True):
    """Where the chain ends: the last position and its digest, the highest line sealed, and what was not there yet."""

    position: int
    digest: bytes
    reached: int
    gaps: tuple[Gap, ...]


class Pending(msgspec.Struct, frozen=True):
    """How many lines wait for something, and when the oldest of them was written."""

    lines: int
    oldest: datetime | None


class Checkpoint(msgspec.Struct, frozen=True):
    """What the board is told of the chain: `statement` is what it reads, and `signature` of those very words."""

    number: int
    statement: str
    signature: bytes


CHECKPOINT_CASES: Final = "0000-"
"""How the case of a checkpoint's mail begins. No voter's does: their alphabet has no nought (`core.tokens`)."""


REFUSALS: Final = frozenset(
    {
        Act.ASK_DROPPED,
        Act.LINK_REFUSED,
        Act.PASSWORD_REFUSED,
        Act.SIGN_IN_REFUSED,
        Act.MATCHING_REFUSED,
        Act.CODE_REFUSED,
        Act.REISSUE_REFUSED,
        Act.CALENDAR_REFUSED,
        Act.ACT_REFUSED,
        Act.DUTY_REFUSED,
        Act.CALLER_REFUSED,
    }
)


REASONED: Final = REFUSALS | {Act.MAIL_BOUNCED, Act.SMS_REPORTED}
"""Acts whose reason is one of a few stable words; that of a mail handed on is whatever a relay said."""


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """How often each thing stands in the journal after a given line, by act and, for those in REASONED, by reason.

    `settled` counts the lines up to `line`, which nothing can join any more; `fresh` those after it.
    """

    line: int
    settled: Mapping[tuple[str, str | None], int]
    fresh: Mapping[tuple[str, str | None], int]


class Journal(Protocol):
    """What happened. Written in the transaction of the act; never changed."""

    def write(self, event: Event) -> None:
        """Adds a line."""

    def of_case(self, number: str) -> list[Event]:
        """A case's lines, oldest first."""

    def case_history(self, number: str, limit: int) -> list[Written]:
        """The latest lines of a case, oldest first."""

    def voter_history(self, voter: int, limit: int) -> list[Written]:
        """The latest lines of a voter and of all the cases known to be theirs, oldest first."""

    def bounced(self, limit: int) -> list[Written]:
        """The latest mails that came back, the latest first."""

    def line_at(self, moment: datetime) -> int:
        """The last line written before that moment, about: 0 if there is none."""

    def tally(self, *, after: int, recent: datetime) -> Tally:
        """Counts the lines after line `after`; a line is settled when it and those before it are older than `recent`.

        Lines are numbered before their transactions end, so a recent one may still be joined by a smaller number.
        """


class Chain(Protocol):
    """The journal's chain: every line gets one place in it, some time after its act. Only ever grows."""

    def end(self) -> ChainEnd:
        """Where it stands; without a seal, position 0."""

    def unsealed(self, end: ChainEnd, *, limit: int) -> list[Line]:
        """The first lines that have no place yet: latecomers in the gaps, then those after `reached`."""

    def seal(self, end: ChainEnd, seals: Sequence[Seal], gaps: Sequence[Gap]) -> None:
        """Lengthens the chain, if it still ends at `end`. Raises Moved."""

    def seals(self, *, after: int = 0) -> Iterator[tuple[Seal, Line | None]]:
        """The chain from there on, in order, each seal with the line it names if that is still there."""

    def strays(self) -> Iterator[Line]:
        """Lines that no seal names and none will: neither after `reached` nor in a gap."""

    def tail(self) -> Pending:
        """The lines that wait for their seal."""

    def unattested(self, *, after: int) -> Pending:
        """The sealed lines after that position, but for those about checkpoints."""

    def attest(self, checkpoint: Checkpoint) -> None:
        """Keeps a checkpoint. Raises Moved if another has its number."""

    def checkpoint(self, number: int | None = None) -> Checkpoint | None:
        """The one of that number, or the last."""

    def checkpoints(self) -> list[Checkpoint]:
        """Every one, by number."""
