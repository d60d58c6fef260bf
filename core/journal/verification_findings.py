"""Findings that a verification of the journal can make. The sentences are in `core.journal.journal_verify_and_checkpoint_sentences`."""

from datetime import datetime
from enum import StrEnum

import msgspec

from core.ports import JournalLine


class JournalFindingKind(StrEnum):
    """The kinds of findings. Each means that what was written has been changed."""

    DISAGREES = "disagrees"
    """A line and its seal do not match."""
    LINE_GONE = "line-gone"
    """A seal names a line that is not there."""
    PLACES_GONE = "places-gone"
    """Places of the chain without a seal, from `place` to `last`."""
    SLIPPED_IN = "slipped-in"
    """A line among sealed ones that no seal names."""
    REWRITTEN = "rewritten"
    """Between `place` and `last`, the chain is consistent but not the one that a checkpoint attests."""
    SHORTENED = "shortened"
    """A checkpoint attests the place `last`; the chain ends before `place`."""
    CHECKPOINT_GONE = "checkpoint-gone"
    """The checkpoints from number `checkpoint` to `last` are missing."""
    CHECKPOINT_ALTERED = "checkpoint-altered"
    """A checkpoint's text or signature was changed."""
    DECLARED_WRONGLY = "declared-wrongly"
    """A declared loss that cannot be read, ends before it begins, or repeats one before it."""
    OTHER_KEY = "other-key"
    """A checkpoint from outside is signed by another election's key, or the key file here is another."""


class JournalFinding(msgspec.Struct, frozen=True, kw_only=True):
    """A finding and its place. `at` is the line's own moment, or that of the last one before it."""

    kind: JournalFindingKind
    place: int = 0
    last: int = 0
    line: int = 0
    at: datetime | None = None
    case: str | None = None
    checkpoint: int = 0


def finding_of_line(kind: JournalFindingKind, line: JournalLine, *, place: int = 0) -> JournalFinding:
    """Make a finding about a line that is present."""
    at, case = line.columns.get("at"), line.columns.get("case")
    return JournalFinding(
        kind=kind,
        place=place,
        line=line.number,
        at=at if isinstance(at, datetime) else None,
        case=case if isinstance(case, str) else None,
    )
