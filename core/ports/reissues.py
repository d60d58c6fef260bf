"""Re-issued identifiers: phone claims, slots, awaited codes."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from core.ports.cases import RecoveryCase
from core.ports.throttles import ThrottleCounterValue
from core.ports.voters import Voter


class ReissueRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A re-issue that was reserved. Without `slot` it is not counted; without `ended` it is under way."""

    case: str
    voter: int
    slot: int | None
    generation: int | None = None
    """The generation in force on the platform."""
    began: datetime
    ended: datetime | None = None
    authentic: bool = True


class VoterReissueSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """A voter with their last case, counters and re-issues, read at one instant."""

    voter: Voter
    last: RecoveryCase | None
    """The voter's last case of the flow."""
    counts: tuple[ThrottleCounterValue | None, ...]
    """The counters of the given buckets, in that order."""
    reissues: tuple[ReissueRecord, ...]
    """All of them, oldest first."""


class ReissueRepository(Protocol):
    """The re-issues of each voter: the database admits one under way, and one for each slot (rule 8)."""

    def read_reissue_snapshot(self, voter: int, flow: str, buckets: Sequence[bytes]) -> VoterReissueSnapshot:
        """Return that voter's status, with the counters of those buckets. Raises LookupError for an unknown voter."""

    def claim_phone(self, phone_digest: bytes, voter: int, at: datetime) -> bool:
        """Claim the number of that keyed digest for a voter, whom it serves for the whole election (rule 6). Return False if it is another's."""

    def reserve(self, case: str, voter: int, *, slot: int, at: datetime) -> None:
        """Add a re-issue. Raises ConflictError when another has that slot or is under way."""

    def of_voter(self, voter: int) -> list[ReissueRecord]:
        """Return all re-issues of that voter, oldest first."""

    def record_generation_in_force(self, case: str, generation: int) -> None:
        """Record the generation that the platform has in force."""

    def record_absent_on_platform(self, case: str) -> None:
        """Record that the platform does not have it: it has no generation and no slot any more."""

    def end(self, case: str, at: datetime) -> None:
        """Record that the re-issue is no longer under way. The first end stays."""

    def set_quota_slot(self, case: str, slot: int | None) -> None:
        """Give the slot back, or take a free one again. The caller has locked the voter."""

    def voters_with_generation(self) -> Iterator[tuple[Voter, int]]:
        """Return each voter with a generation above the first, or who is frozen, with the generation."""


class CasesAwaitingCodeRepository(Protocol):
    """The cases that await a code, by the keyed digest of the phone number."""

    def await_code(self, phone_digest: bytes, case: str, until: datetime) -> None:
        """Record that the case awaits a code from that number, in place of any it awaited before."""

    def cases_awaiting_code_from(self, phone_digest: bytes, now: datetime) -> list[str]:
        """Return the cases that await a code from that number, the latest first."""

    def forget(self, case: str) -> None:
        """Record that the case awaits no code."""
