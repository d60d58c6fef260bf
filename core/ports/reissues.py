from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from core.ports.cases import RecoveryCase
from core.ports.throttles import ThrottleCounterValue
from core.ports.voters import Voter


class ReissueRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A reserved re-issue. `slot` is None if it does not count; `ended` is None while it is in progress."""

    case: str
    voter: int
    slot: int | None
    generation: int | None = None
    """The generation in force on the platform."""
    began: datetime
    ended: datetime | None = None
    authentic: bool = True


class VoterReissueSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """A voter with their last case, counters and re-issues, read in one snapshot."""

    voter: Voter
    last: RecoveryCase | None
    """The voter's last case of the flow."""
    counts: tuple[ThrottleCounterValue | None, ...]
    """The counters of the requested buckets, in the same order."""
    reissues: tuple[ReissueRecord, ...]
    """All re-issues, oldest first."""


class ReissueRepository(Protocol):
    """The re-issues of each voter. The database allows one in progress and one for each slot (rule 8)."""

    def read_reissue_snapshot(self, voter: int, flow: str, buckets: Sequence[bytes]) -> VoterReissueSnapshot:
        """Return the voter's snapshot with the counters of those buckets. Raises LookupError for an unknown voter."""

    def claim_phone(self, phone_digest: bytes, voter: int, at: datetime) -> bool:
        """Claim a phone number for a voter, for the whole election (rule 6). Return False if another voter has it."""

    def reserve(self, case: str, voter: int, *, slot: int, at: datetime) -> None:
        """Add a re-issue. Raises ConflictError if the slot is taken or another re-issue is in progress."""

    def of_voter(self, voter: int) -> list[ReissueRecord]: ...

    def record_generation_in_force(self, case: str, generation: int) -> None: ...

    def record_absent_on_platform(self, case: str) -> None:
        """Record that the platform does not have this identifier. Removes its generation and slot."""

    def end(self, case: str, at: datetime) -> None:
        """Record that the re-issue has ended. Keeps the first recorded end."""

    def set_quota_slot(self, case: str, slot: int | None) -> None:
        """Release the slot, or take a free one again. The caller must hold the lock on the voter."""

    def voters_with_generation(self) -> Iterator[tuple[Voter, int]]:
        """Yield each voter who is frozen or whose generation is above the first, with the generation."""


class CasesAwaitingCodeRepository(Protocol):
    """The cases that await a code, by the keyed digest of the phone number."""

    def await_code(self, phone_digest: bytes, case: str, until: datetime) -> None:
        """Record that the case awaits a code from that number, and from no other."""

    def cases_awaiting_code_from(self, phone_digest: bytes, now: datetime) -> list[str]:
        """Return the cases that await a code from that number, latest first."""

    def forget(self, case: str) -> None: ...
