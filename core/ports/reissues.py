from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from core.ports.cases import RecoveryCase
from core.ports.throttles import ThrottleCounterValue
from core.ports.voters import Voter


class ReissueRecord(msgspec.Struct, frozen=True, kw_only=True):
    case: str
    voter: int
    slot: int | None
    """Position of this re-issue within the voter's limit, from 1. None if it is not counted."""
    generation: int | None = None
    """Number of the identifier on the voting platform. None before activation."""
    began: datetime
    ended: datetime | None = None
    authentic: bool = True


class VoterReissueSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """A voter's latest case, counters and new identifiers, from one database snapshot."""

    voter: Voter
    last: RecoveryCase | None
    counts: tuple[ThrottleCounterValue | None, ...]
    reissues: tuple[ReissueRecord, ...]


class ReissueRepository(Protocol):
    """Stores re-issues (new voting identifiers). A voter has at most one unfinished re-issue."""

    def read_reissue_snapshot(self, voter: int, flow: str, buckets: Sequence[bytes]) -> VoterReissueSnapshot: ...

    def claim_phone(self, phone_digest: bytes, voter: int, at: datetime) -> bool:
        """Reserve a phone number for one voter. Returns False if another voter has it."""

    def reserve(self, case: str, voter: int, *, slot: int, at: datetime) -> None:
        """Start a re-issue. Raises ConflictError if another re-issue is running or the slot is taken."""

    def of_voter(self, voter: int) -> list[ReissueRecord]: ...

    def record_generation_in_force(self, case: str, generation: int) -> None: ...

    def record_absent_on_platform(self, case: str) -> None:
        """Record that the platform lacks this identifier. The identifier no longer counts towards the limit."""

    def end(self, case: str, at: datetime) -> None: ...

    def set_quota_slot(self, case: str, slot: int | None) -> None:
        """Change or clear the slot of a re-issue. The caller must lock the voter first."""

    def voters_with_generation(self) -> Iterator[tuple[Voter, int]]:
        """Yield (voter, generation) for each voter who has a new identifier or a frozen account."""


class CasesAwaitingCodeRepository(Protocol):
    def await_code(self, phone_digest: bytes, case: str, until: datetime) -> None:
        """Record that a case expects an SMS from this phone until a given time."""

    def cases_awaiting_code_from(self, phone_digest: bytes, now: datetime) -> list[str]: ...

    def forget(self, case: str) -> None: ...
