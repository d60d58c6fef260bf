"""The state that a memory store keeps, and the base of its ports."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime

from core.ports import (
    Agent,
    ApprovalRequest,
    CallBack,
    CallRecord,
    Checkpoint,
    CodeSending,
    DeliveryStatus,
    Event,
    HandOver,
    Incident,
    LineGap,
    LineSeal,
    LinkRecord,
    MessageState,
    OutboxMessage,
    Recovery,
    ReissueRecord,
    RollEntry,
    SentCodeCounts,
    SignInRecord,
    Voter,
)
from core.ports.platform import EmbeddedPlatformAccount


@dataclass(slots=True)
class MemoryState:
    """All records by their keys; they are immutable, so that copies of the dictionaries are a snapshot."""

    voters: dict[int, Voter] = field(default_factory=dict)
    entries: dict[int, RollEntry] = field(default_factory=dict)
    recoveries: dict[bytes, Recovery] = field(default_factory=dict)
    links: dict[bytes, LinkRecord] = field(default_factory=dict)
    phones: dict[bytes, int] = field(default_factory=dict)
    reissues: dict[str, ReissueRecord] = field(default_factory=dict)
    awaited: dict[str, tuple[bytes, datetime]] = field(default_factory=dict)
    code_sendings: dict[int, tuple[int, CodeSending]] = field(default_factory=dict)
    registered: dict[str, EmbeddedPlatformAccount] = field(default_factory=dict)
    sessions: dict[bytes, SignInRecord] = field(default_factory=dict)
    parcels: dict[int, OutboxMessage] = field(default_factory=dict)
    ends: dict[int, MessageState] = field(default_factory=dict)
    ended: dict[int, datetime] = field(default_factory=dict)
    reasons: dict[int, str | None] = field(default_factory=dict)
    reports: dict[tuple[int, DeliveryStatus], datetime] = field(default_factory=dict)
    answers: dict[bytes, datetime] = field(default_factory=dict)
    spending: dict[tuple[date, str], SentCodeCounts] = field(default_factory=dict)
    events: dict[int, Event] = field(default_factory=dict)
    seals: dict[int, LineSeal] = field(default_factory=dict)
    gaps: dict[int, LineGap] = field(default_factory=dict)
    checkpoints: dict[int, Checkpoint] = field(default_factory=dict)
    counters: dict[bytes, tuple[datetime, int]] = field(default_factory=dict)
    agents: dict[int, Agent] = field(default_factory=dict)
    incidents: dict[int, Incident] = field(default_factory=dict)
    calls: dict[int, CallRecord] = field(default_factory=dict)
    call_backs: dict[int, CallBack] = field(default_factory=dict)
    hand_overs: dict[int, HandOver] = field(default_factory=dict)
    signature_requests: dict[str, ApprovalRequest] = field(default_factory=dict)
    whose: dict[str, int] = field(default_factory=dict)
    """The voter of each case, by the case number."""

    def copy(self) -> "MemoryState":
        """Return a snapshot."""
        return replace(self, **{name: dict(getattr(self, name)) for name in self.__slots__})


class MemoryPort:
    """A port on one draft of the state."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state
