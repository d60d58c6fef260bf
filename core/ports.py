"""What the core asks of the world, as small Protocols, and the records that cross them.

A `Store` opens transactions; every port but those of the outside world (Clock, Carrier, Gateways …) lives inside one. Each move is a
compare-and-swap: it raises `Moved` when another has moved the row since it was read, and nothing is done.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

import msgspec

from core.platform import Registry, Reissue
from core.steps import Channel, Message
from core.text import Language


class Moved(Exception):
    """The row has another version than the one read: read again and decide again."""


class ClaimLost(Exception):
    """The parcel's lease is over and another courier has it, or it has ended: leave it alone."""


class Duplicate(Exception):
    """Two persons of the present roll would share an address or a NUMEN."""


class Unready(Exception):
    """The store cannot be reached, is full or is read-only; nothing was done. The message is for operators."""


class Durability(StrEnum):
    """What a power cut may cost: `FULL` nothing, `RELAXED` the last instants (DESIGN section 7)."""

    FULL = "full"
    RELAXED = "relaxed"


class Voter(msgspec.Struct, frozen=True, kw_only=True):
    """A person on the roll and where their access stands.

    `epoch` counts the changes that end what was given out before (a new password, a freeze, a new address,
    leaving the roll): a link or a session of a former epoch is dead.
    """

    id: int
    email: str
    last_name: str
    first_name: str
    language: Language
    epoch: int
    password: str | None = None
    """The argon2id hash."""
    password_set: datetime | None = None
    frozen: datetime | None = None
    removed: datetime | None = None


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A person of the roll as a list shows them, to be told from others of the same name."""

    voter: int
    email: str
    last_name: str
    first_name: str
    academie: str | None
    phone_ending: str | None
    frozen: datetime | None


class Sought(msgspec.Struct, frozen=True):
    """Who was found; `more` when there are others, or may be."""

    found: tuple[Listed, ...]
    more: bool


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the roll as it is stored: what identifies a person is a keyed digest, never the value."""

    email: str
    last_name: str
    first_name: str
    birth_date_digest: bytes
    numen_digest: bytes
    phone_digest: bytes | None
    phone_ending: str | None
    academie: str | None
    language: Language
    first_verifier: str | None


class Recovery(msgspec.Struct, frozen=True, kw_only=True):
    """A case: one run of a flow. `state` is a value of that flow's union; `handle` is the digest of the browser's id."""

    handle: bytes
    number: str
    flow: str
    state: object
    began: datetime
    version: int = 0


class LinkRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Where a link leads: an index from a token's digest to its case, and whether it was opened."""

    digest: bytes
    case: str
    voter: int
    epoch: int
    expires: datetime
    opened: datetime | None = None
    used: datetime | None = None


class SessionRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A signed-in browser. Valid while `expires` is ahead and `epoch` is the voter's."""

    digest: bytes
    voter: int
    epoch: int
    expires: datetime


class Role(StrEnum):
    """What someone at the desk may do."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    """An agent who may also sign beside another, to unfreeze an account."""
    AUDITOR = "auditor"
    """Reads, and does nothing."""


class Agent(msgspec.Struct, frozen=True, kw_only=True):
    """Someone at the desk. `epoch` counts what ends a duty: a new password, a renewal, a removal.

    `step` is the time step (RFC 6238) of the last code accepted: a code serves once.
    """

    id: int
    name: str
    role: Role
    password: str
    """The argon2id hash."""
    secret: bytes
    """What the codes are made from, sealed."""
    first: bool
    """Whether the password is still the one that the operator gave."""
    step: int
    epoch: int
    added: datetime
    removed: datetime | None = None


class ParcelKind(StrEnum):
    """What a parcel is, or will be once the courier has decided."""

    ASK = "ask"
    """Someone asked for a link; nobody has looked the address up yet."""
    LINK = "link"
    REFUSAL = "refusal"
    """The frozen voter's answer: no link, call the desk."""
    CHANGED = "changed"
    STOPPED = "stopped"
    """To the desk: a voter has frozen their account."""
    FROZEN = "frozen"
    """To the voter: the desk has frozen their account, as a caller asked."""
    REOPENED = "reopened"
    """To the voter: the desk has opened their account again."""

    CHECKPOINT = "checkpoint"
    """To the electoral board: where the journal's chain stands."""
    CODE = "code"
    """A security code, by SMS."""
    IDENTIFIER = "identifier"
    """A new identifier: put in force on the voting platform, then sent by SMS."""
    REISSUED = "reissued"
    """The notice that a new identifier was asked for."""
    UNDELIVERED = "undelivered"
    """The notice that it cannot have reached its voter."""
    HOLD = "hold"
    """No message: the platform is to know whether the voter's account is frozen."""

    @property
    def channel(self) -> Channel | None:
        """What carries it; None where nothing is sent to anybody."""
        match self:
            case ParcelKind.CODE | ParcelKind.IDENTIFIER:
                return Channel.SMS
            case ParcelKind.HOLD:
                return None
            case _:
                return Channel.MAIL


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the outbox: an ask still to be decided, or a message ready to go. Once claimed, `due` marks the claim.

    `sealed` is None until the courier has decided and composed; from then on it never changes, so every try sends
    the same bytes. `useful_until` is when sending it would help nobody any more.
    """

    id: int
    kind: ParcelKind
    case: str
    voter: int | None
    sealed: bytes | None
    created: datetime
    due: datetime
    useful_until: datetime
    attempts: int = 0


class ParcelState(StrEnum):
    """Where a message stands. `SENT`, `CANCELLED`, `PARKED` and `DROPPED` are final."""

    WAITING = "waiting"
    SENT = "sent"
    PARKED = "parked"
    CANCELLED = "cancelled"
    DROPPED = "dropped"


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


class Remains(StrEnum):
    """What is erased after an election, in the order in which it goes."""

    SESSIONS = "sessions"
    LINKS = "links"
    AWAITED_CODES = "awaited-codes"
    BODIES = "bodies"
    """Sealed messages that would be sent to nobody any more."""
    ADDRESSES = "addresses"
    """The cases, whose states hold the addresses and telephones that were typed."""
    PHONES = "phones"
    PASSWORDS = "passwords"
    COUNTERS = "counters"


class Verdict(msgspec.Struct, frozen=True):
    """What a counter says: how many more are allowed after this one (less than none: refused), until when it counts."""

    left: int
    until: datetime

    @property
    def allowed(self) -> bool:
        """Whether this one was within the limit."""
        return self.left >= 0


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


class Stranded(msgspec.Struct, frozen=True, kw_only=True):
    """A message that needs someone's eyes: parked for good, or waiting for long. `since` is when that began."""

    parcel: int
    kind: ParcelKind
    case: str
    voter: int | None
    since: datetime
    reason: str | None


class Backlog(msgspec.Struct, frozen=True):
    """How many parcels have not ended yet, and since when the oldest of them waits."""

    waiting: int
    oldest: datetime | None


class Envelope(msgspec.Struct, frozen=True, kw_only=True, tag="mail"):
    """A composed mail as a relay takes it. `sender` is the envelope address by which a bounce finds its case."""

    sender: str
    recipient: str
    message_id: str
    content: bytes


class Sms(msgspec.Struct, frozen=True, kw_only=True, tag="sms"):
    """A composed SMS as a gateway takes it: `recipient` in E.164, `text` in GSM-7 and of one segment."""

    recipient: str
    text: str
    message_id: str
    """The same at every try. It says what the message is: see `core.tokens.sms_id`."""
    useful_until: datetime
    """What an operator has not handed over by then helps nobody, and is to be given up."""


class Order(msgspec.Struct, frozen=True, kw_only=True, tag="order"):
    """A new identifier before the platform has it: what the platform is told, and the SMS that goes out then."""

    reissue: Reissue
    sms: Sms


class Delivery(StrEnum):
    """What an operator reports of an SMS. DELIVERED, UNDELIVERED and REJECTED are final."""

    ACCEPTED = "accepted"
    BUFFERED = "buffered"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    REJECTED = "rejected"


class Reply(StrEnum):
    """What became of an SMS that a voter sent."""

    ACCEPTED = "accepted"
    """It held the code that was awaited; the case has moved on."""
    WRONG = "wrong"
    """It held another; counted with those typed on the page."""
    REFUSED = "refused"
    """It cannot be taken: too many wrong ones, the calendar, a number that serves someone else."""
    UNREAD = "unread"
    """No code is awaited from that number, or the text holds none."""


class Hearing(Protocol):
    """What the operator says, and what voters answer by SMS. Both may come in any order, late, and more than once."""

    def delivered(self, message_id: str, delivery: Delivery) -> bool:
        """Notes a report about the SMS of that id; False where we sent none such."""

    def code_by_sms(self, phone: str, text: str) -> Reply:
        """Takes an answer from that number, in E.164. `text` may be anything."""


class Voters(Protocol):
    """The roll and its accesses."""

    def by_address(self, key: str) -> Voter | None:
        """The voter with that address on the present roll; someone removed is not found."""

    def by_id(self, voter: int) -> Voter | None:
        """That voter, removed or not."""

    def lock(self, voter: int) -> None:
        """Makes other transactions that lock the same voter wait for the end of this one."""

    def choose_password(self, voter: int, password: str, *, epoch: int, at: datetime) -> None:
        """Sets the hash and begins a new epoch. Raises Moved if `epoch` is no longer the voter's."""

    def rehash(self, voter: int, password: str, *, epoch: int) -> None:
        """The same password under today's parameters; the epoch stays. Raises Moved."""

    def freeze(self, voter: int, *, epoch: int, at: datetime) -> None:
        """Freezes and begins a new epoch. Raises Moved."""

    def unfreeze(self, voter: int, *, epoch: int) -> None:
        """Opens again, without a password, and begins a new epoch. Raises Moved.

        Whoever made the account be frozen may have chosen the password: it must not come back into force.
        """

    def frozen(self, limit: int) -> list[Listed]:
        """Those of the present roll whose account is frozen, the latest first."""

    def matches(self, voter: int, *, birth_date: bytes, numen: bytes) -> bool:
        """Whether both digests are those of that voter; the same work whichever is wrong."""

    def first_verifier(self, voter: int) -> str | None:
        """What the roll brought of their first identifier, as it is written there (`core.identifiers`)."""


class Directory(Protocol):
    """The present roll, as it is searched."""

    def listed(self, voter: int) -> Listed | None:
        """That voter, if they are on the present roll."""

    def named(self, beginnings: Sequence[str], *, limit: int) -> Sought:
        """Those who have a name beginning with each of these folded words (core.names), exact ones first."""

    def addressed(self, beginning: str, *, limit: int) -> Sought:
        """Those whose address begins so, in the order of addresses."""


class Roll(Protocol):
    """The electoral roll as a whole, for its import. What adds or corrects raises Duplicate; nothing of it is kept then."""

    def entries(self) -> Iterator[tuple[int, Entry]]:
        """Every line of the present roll, with its voter."""

    def add(self, entries: Iterable[Entry]) -> None:
        """New voters, read as they are written."""

    def correct(self, corrections: Sequence[tuple[int, Entry]]) -> None:
        """Corrected lines; a changed address begins a new epoch."""

    def remove(self, voters: Sequence[int], at: datetime) -> None:
        """Takes voters off the roll, keeping their record, and begins a new epoch."""


class Recoveries(Protocol):
    """The cases."""

    def add(self, recovery: Recovery, *, voter: int | None = None) -> bool:
        """Keeps a new case; False if its number is taken and another must be drawn. `voter`, if it is known whose."""

    def by_handle(self, handle: bytes) -> Recovery | None:
        """The case a browser holds."""

    def by_number(self, number: str) -> Recovery | None:
        """The case of that number."""

    def latest(self, voter: int, flow: str) -> Recovery | None:
        """The last case that a voter began in that flow."""

    def of_voter(self, voter: int, limit: int) -> list[Recovery]:
        """The cases known to be that voter's, the latest first."""

    def in_flow(self, flow: str) -> Iterator[Recovery]:
        """Every case of that flow."""

    def voter_of(self, number: str) -> int | None:
        """Whose case that is, as far as the courier or the desk has found out."""

    def move(self, recovery: Recovery, state: object, *, voter: int | None = None) -> None:
        """Writes the new state if the version is still `recovery.version`. Raises Moved."""


class PhoneClaims(Protocol):
    """One number serves one voter for the whole election (rule 6)."""

    def claim(self, phone: bytes, voter: int, at: datetime) -> bool:
        """Takes the number of that keyed digest for a voter; False if it is another's. Theirs already is as good."""


class ReissueRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A re-issue that was reserved. Without `slot` it is not counted; without `ended` it is under way."""

    case: str
    voter: int
    slot: int | None
    generation: int | None = None
    """Since the platform has it in force."""
    began: datetime
    ended: datetime | None = None


class Reissues(Protocol):
    """The re-issues of each voter: the database admits one under way, and one of each slot (rule 8)."""

    def reserve(self, case: str, voter: int, *, slot: int, at: datetime) -> None:
        """Counts one more. Raises Moved when another has that slot or is under way."""

    def of_voter(self, voter: int) -> list[ReissueRecord]:
        """All of them, oldest first."""

    def put_in_force(self, case: str, generation: int) -> None:
        """The platform has it."""

    def end(self, case: str, at: datetime) -> None:
        """It is under way no more; once ended, it stays so."""

    def recount(self, case: str, slot: int | None) -> None:
        """Gives its slot back, or takes a free one again; the voter is locked, so that none other takes it."""

    def generations(self) -> Iterator[tuple[Voter, int]]:
        """Each voter of whom we know a generation above the first, or who is frozen, with the generation."""


class AwaitedCodes(Protocol):
    """From a number's keyed digest to the cases that await a code from it."""

    def expect(self, phone: bytes, case: str, until: datetime) -> None:
        """A code went there; the case may have awaited one before."""

    def of_phone(self, phone: bytes, now: datetime) -> list[str]:
        """The cases that await one, the latest first."""

    def forget(self, case: str) -> None:
        """That case awaits none any more."""


class Links(Protocol):
    """The index of links."""

    def add(self, link: LinkRecord) -> None:
        """Remembers a link."""

    def find(self, digest: bytes) -> LinkRecord | None:
        """Where that link leads."""

    def alive(self, voter: int, *, epoch: int, now: datetime) -> int:
        """How many links of that voter would work now."""

    def observe(self, digest: bytes, at: datetime) -> bool:
        """Writes the first opening; True if this was it."""

    def use(self, digest: bytes, at: datetime) -> None:
        """Writes that a password was chosen with it, for whoever opens it later."""


class Sessions(Protocol):
    """Signed-in browsers."""

    def open(self, session: SessionRecord) -> None:
        """Begins one."""

    def find(self, digest: bytes) -> SessionRecord | None:
        """The one with that digest, whatever its expiry."""

    def close(self, digest: bytes) -> None:
        """Ends one; unknown ones too."""


class Outbox(Protocol):
    """What waits to be sent; written in the transaction of the act."""

    def put(
        self,
        *,
        kind: ParcelKind,
        case: str,
        at: datetime,
        useful_until: datetime,
        voter: int | None = None,
        sealed: bytes | None = None,
    ) -> int:
        """Adds a parcel, due at once; returns its id."""

    def find(self, parcel: int) -> Parcel | None:
        """That parcel, ended or not."""

    def claim(self, *, now: datetime, lease: timedelta, limit: int) -> list[Parcel]:
        """The due parcels nobody holds, oldest first, now held until `now + lease`."""

    def seal(self, parcel: Parcel, *, kind: ParcelKind, sealed: bytes, voter: int | None) -> None:
        """Turns a decided parcel into its message. Raises ClaimLost, as the two that follow."""

    def finish(self, parcel: Parcel, state: ParcelState, *, at: datetime, reason: str | None = None) -> None:
        """A final state; the sealed body is erased unless it is parked."""

    def retry(self, parcel: Parcel, *, due: datetime, reason: str, counted: bool) -> None:
        """Lets go of a parcel until `due`; `counted` when a relay answered about this very message."""

    def delay(self, now: datetime) -> timedelta:
        """How long the oldest ask has waited to be decided: the delay everyone meets, known or not (rule 2)."""

    def counts(self) -> dict[ParcelState, int]:
        """How many parcels stand in each state."""

    def backlog(self) -> Backlog:
        """What has not ended yet."""

    def parked(self, limit: int) -> list[Stranded]:
        """What failed for good, the latest first."""

    def late(self, before: datetime, limit: int) -> list[Stranded]:
        """What was put in before then and still waits, the oldest first."""


class Reports(Protocol):
    """What operators said of SMS, and which answers of voters were heard: each once, however often it comes."""

    def note(self, parcel: int, delivery: Delivery, at: datetime) -> bool:
        """Keeps a report about that parcel; True if it is the first of its kind."""

    def of_parcel(self, parcel: int) -> Mapping[Delivery, datetime]:
        """Each kind of report about that parcel, and when it first came."""

    def hear(self, answer: bytes, at: datetime) -> bool:
        """Keeps the digest of the gateway's id of an answer; True if it is new."""

    def forget(self, answer: bytes) -> None:
        """It is to be heard again: nobody could act on it."""


EVERYWHERE: Final = "*"


class Spent(msgspec.Struct, frozen=True):
    """Of one day: how many codes went out, and how many of them came back."""

    sent: int = 0
    verified: int = 0


class Spending(Protocol):
    """What sending codes costs, exact under any number of workers. A `scope` is a country or all of them (`EVERYWHERE`)."""

    def add(self, day: date, scope: str, spent: Spent) -> Spent:
        """Adds to that day's; returns what it is now. Others who add to the same wait for the end of this transaction."""

    def of_day(self, day: date) -> Mapping[str, Spent]:
        """By scope."""


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


class Leftovers(Protocol):
    """What an election leaves behind of its voters, to be erased when its time is over (`core.service.purging`)."""

    def count(self, kind: Remains, now: datetime) -> int:
        """How many of that kind there are to erase."""

    def erase(self, kind: Remains, now: datetime) -> int:
        """Erases them; returns how many there were."""


class Throttle(Protocol):
    """Exact counters, whatever the number of workers (rule 13)."""

    def take(self, bucket: bytes, *, limit: int, window: timedelta, now: datetime) -> Verdict:
        """Counts one more; the window begins with its first."""

    def peek(self, bucket: bytes, *, limit: int, window: timedelta, now: datetime) -> Verdict:
        """What `take` would say, counting nothing."""

    def give_back(self, bucket: bytes) -> None:
        """Counts one less: what was taken turned out not to be one of those that are counted."""

    def forget(self, bucket: bytes) -> None:
        """Starts that counter again from zero."""


class Agents(Protocol):
    """The people at the desk. A name serves one person for ever: removed ones keep theirs."""

    def add(self, name: str, *, role: Role, password: str, secret: bytes, at: datetime) -> bool:
        """Someone new, with a first password; False if the name is taken."""

    def by_name(self, name: str) -> Agent | None:
        """The one of that name, removed or not."""

    def all(self) -> list[Agent]:
        """Everyone who ever was, by name."""

    def accept(self, agent: int, step: int) -> bool:
        """Uses the code of that time step up; False if it, or a later one, was accepted before."""

    def choose_password(self, agent: int, password: str, *, epoch: int) -> None:
        """A password of their own, and a new epoch. Raises Moved."""

    def rehash(self, agent: int, password: str, *, epoch: int) -> None:
        """The same password under today's parameters; the epoch stays. Raises Moved."""

    def reseal(self, agent: int, secret: bytes, *, epoch: int) -> None:
        """The same secret under today's key; the epoch stays. Raises Moved."""

    def renew(self, agent: int, *, role: Role, password: str, secret: bytes, epoch: int) -> None:
        """Begins anew, as someone just added, and a new epoch; someone removed is back. Raises Moved."""

    def remove(self, agent: int, *, epoch: int, at: datetime) -> None:
        """Ends it, and begins a new epoch. Raises Moved."""


class Transaction(Protocol):
    """The ports as one transaction sees them; it commits when its `with` block ends well."""

    voters: Voters
    directory: Directory
    roll: Roll
    recoveries: Recoveries
    phone_claims: PhoneClaims
    reissues: Reissues
    awaited_codes: AwaitedCodes
    registry: Registry
    links: Links
    sessions: Sessions
    outbox: Outbox
    reports: Reports
    spending: Spending
    journal: Journal
    chain: Chain
    leftovers: Leftovers
    throttle: Throttle
    agents: Agents


class Store(Protocol):
    """Opens transactions. Raises Unready when the database cannot be used."""

    def read(self) -> AbstractContextManager[Transaction]:
        """A transaction that only reads."""

    def write(self, durability: Durability = Durability.FULL) -> AbstractContextManager[Transaction]:
        """A transaction that may write; it is serialised with the others where its compare-and-swaps meet."""


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Aware, in UTC."""


class Entropy(Protocol):
    """Where unguessable things come from."""

    def token(self, size: int) -> bytes:
        """That many random bytes."""

    def symbols(self, alphabet: str, size: int) -> str:
        """That many symbols, each equally likely."""


class HashWork(StrEnum):
    """What the hasher was asked."""

    HASH = "hash"
    VERIFY = "verify"


class Hasher(Protocol):
    """Passwords to hashes (argon2id; OWASP Password Storage Cheat Sheet)."""

    def hash(self, password: str) -> str:
        """The hash, with its parameters and salt."""

    def verify(self, hashed: str | None, password: str) -> bool:
        """Whether they match. The same work is done without a hash, so time does not tell who has one."""

    def outdated(self, hashed: str) -> bool:
        """Whether today's parameters are others."""


class Guesses(Protocol):
    """Knows what is easily guessed."""

    def common(self, password: str) -> bool:
        """Whether it is in a list of common passwords."""

    def strength(self, password: str, about: Iterable[str]) -> int:
        """The score of zxcvbn, 0 to 4, knowing words about its owner."""


class Vault(Protocol):
    """Seals and digests, each for a named purpose (`core.adapters.keys`)."""

    def seal(self, purpose: str, clear: bytes, *, context: bytes) -> bytes:
        """Encrypted and authenticated; `context` must be given again to open."""

    def open(self, purpose: str, sealed: bytes, *, context: bytes) -> bytes | None:
        """The clear bytes, or None if it was not sealed so."""

    def digest(self, purpose: str, clear: bytes) -> bytes:
        """A keyed digest of 32 bytes, the same for ever."""

    def sign(self, purpose: str, clear: bytes) -> bytes:
        """An Ed25519 signature (RFC 8032); its key is the same for ever."""

    def public_key(self, purpose: str) -> bytes:
        """What `sign` is checked with: 32 bytes that anyone may know."""


class Composer(Protocol):
    """Writes a message as a mail: text and HTML."""

    def compose(
        self,
        message: Message,
        *,
        to: str,
        facts: Mapping[str, object],
        language: Language,
        link: str | None,
        case: str,
        message_key: bytes,
        at: datetime,
    ) -> Envelope:
        """The same bytes for the same input; `message_key` makes the Message-ID."""


class Networks(Protocol):
    """Per-network buckets, approximate and not stored (rule 13)."""

    def admit(self, network: str) -> bool:
        """Counts one more request; False when there were too many. Open when it cannot count."""


class Measures(Protocol):
    """What one process counts for those who watch the machines; what the store knows is read from it instead."""

    def hashed(self, work: HashWork, seconds: float) -> None:
        """A password was hashed or verified, and how long that took."""

    def refused(self, reason: str) -> None:
        """A page of refusal was shown; `reason` is its stable id."""

    def called_back(self, what: str, outcome: str) -> None:
        """An SMS gateway told something ("report", "inbound"); `outcome` is one of a few stable words."""

    def networks_uncounted(self) -> None:
        """The store of the per-network buckets did not answer."""


class Sent(msgspec.Struct, frozen=True):
    """A relay took the message."""

    relay: str


class Refused(msgspec.Struct, frozen=True):
    """A relay refused for good: no other is tried. `reason` is its reply, without addresses."""

    relay: str
    reason: str


class Postponed(msgspec.Struct, frozen=True):
    """No relay could take it now. `answered` when one said so about this message, not when none could be reached."""

    reason: str
    answered: bool = True


class Gateways(Protocol):
    """Hands SMS on: gateways, tried in order."""

    def reachable(self) -> bool:
        """Whether a gateway would take an SMS now."""

    def send(self, sms: Sms) -> Sent | Refused | Postponed:
        """One try over the gateways."""

    def close(self) -> None:
        """Lets the connections go."""


class Budgets(Protocol):
    """What sending codes may cost (SMS pumping), as exact counters."""

    def take(self, transaction: Transaction, phone: bytes, country: str, now: datetime) -> None:
        """Counts one code about to be sent to the number of that keyed digest. `country` is its ISO 3166 region.

        Raises a Refusal, which undoes the transaction.
        """

    def verified(self, transaction: Transaction, phone: bytes, country: str, now: datetime) -> None:
        """Hears that a code sent there came back: the number answers."""


class Carrier(Protocol):
    """Hands mails on: SMTP relays, tried in order."""

    def reachable(self) -> bool:
        """Whether a relay would take a message now."""

    def send(self, envelope: Envelope) -> Sent | Refused | Postponed:
        """One try over the relays."""

    def close(self) -> None:
        """Lets the connections go."""
