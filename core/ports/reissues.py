"""New identifiers: telephones, slots, codes awaited."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from core.ports.cases import Recovery
from core.ports.throttles import Counted
from core.ports.voters import Voter


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


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """A voter as they stand with re-issues, of one instant."""

    voter: Voter
    last: Recovery | None
    """Their last case of the flow that was asked about."""
    counts: tuple[Counted | None, ...]
    """The counters that were asked about, in that order."""
    reissues: tuple[ReissueRecord, ...]
    """All of them, oldest first."""


class Reissues(Protocol):
    """The re-issues of each voter: the database admits one under way, and one of each slot (rule 8)."""

    def holder(self, voter: int, flow: str, buckets: Sequence[bytes]) -> Holder:
        """How that voter stands, with the counters of those buckets. Raises LookupError when there is none."""

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
