"""The journal's chain: the seals of its lines, and the checkpoints that confirm them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, Protocol

import msgspec


class JournalLine(msgspec.Struct, frozen=True, gc=False):
    """A line of the journal as it lies in the store, whatever was done to it: `columns` by the names of Event's fields."""

    number: int
    columns: Mapping[str, object]

    @property
    def act(self) -> object:
        """The event type."""
        return self.columns.get("act")


class JournalLineSeal(msgspec.Struct, frozen=True, gc=False):
    """A position of the chain: its line, and the digest of that line and of all before it (`core.journal`)."""

    position: int
    line: int
    digest: bytes


class JournalLineGap(msgspec.Struct, frozen=True):
    """Line numbers not seen when later lines were sealed: rolled back, or in a slow transaction."""

    first: int
    last: int


class JournalChainEnd(msgspec.Struct, frozen=True):
    """The chain's last position and digest, the highest line sealed, and the gaps below it."""

    position: int
    digest: bytes
    reached: int
    gaps: tuple[JournalLineGap, ...]


class Backlog(msgspec.Struct, frozen=True):
    """A number of lines or messages that wait, and when the oldest of them was written."""

    waiting: int
    oldest: datetime | None


class Checkpoint(msgspec.Struct, frozen=True):
    """A signed statement of where the chain ended, for the electoral board."""

    number: int
    statement: str
    signature: bytes


CHECKPOINT_CASES: Final = "0000-"
"""First characters of the case number of a checkpoint's mail. Voters' numbers have no nought (`core.security.tokens`)."""


class JournalChain(Protocol):
    """The journal's chain, which only grows: every line gets one position in it, some time after its act."""

    def end(self) -> JournalChainEnd:
        """Return where the chain ends; position 0 without a seal."""

    def unsealed(self, end: JournalChainEnd, *, limit: int) -> list[JournalLine]:
        """Return the first lines without a position: late ones in the gaps, then those after `reached`."""

    def seal(self, end: JournalChainEnd, seals: Sequence[JournalLineSeal], gaps: Sequence[JournalLineGap]) -> None:
        """Lengthen the chain. Raises Conflict unless it still ends at `end`."""

    def seals(self, *, after: int = 0) -> Iterator[tuple[JournalLineSeal, JournalLine | None]]:
        """Return the chain after that position, each seal with its line if that is still there."""

    def lines_outside_chain(self) -> Iterator[JournalLine]:
        """Return lines that no seal names and none will: neither after `reached` nor in a gap."""

    def count_unsealed(self) -> Backlog:
        """Count the lines that wait for their seal."""

    def count_unattested(self, *, after: int) -> Backlog:
        """Count the sealed lines after that position, but for those about checkpoints."""

    def sealed_interventions_and_alarms(self, *, after: int, until: int | None = None) -> list[tuple[int, JournalLine]]:
        """Return the sealed lines of REPORTED_AT_ONCE after that position, up to `until`, each with its position."""

    def digest_at(self, position: int) -> bytes | None:
        """Return the digest of that position; None if nothing is sealed there."""

    def add_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Add a checkpoint. Raises Conflict if another has its number."""

    def checkpoint(self, number: int | None = None) -> Checkpoint | None:
        """Return the checkpoint of that number, or the last."""

    def checkpoints(self) -> list[Checkpoint]:
        """Return every checkpoint, by number."""
