"""What a verification can find, each with where it is. The sentences are in `core.words.journal`."""

from datetime import datetime
from enum import StrEnum

import msgspec

from core.ports import Line


class Trouble(StrEnum):
    """The kinds of finding; every one of them means that somebody or something changed what was written."""

    DISAGREES = "disagrees"
    """A line and its seal do not go together."""
    LINE_GONE = "line-gone"
    """A seal names a line that is not there."""
    PLACES_GONE = "places-gone"
    """Places of the chain without a seal, from `place` to `last`."""
    SLIPPED_IN = "slipped-in"
    """A line among sealed ones that no seal names."""
    REWRITTEN = "rewritten"
    """The chain is sound in itself, and not the one that a checkpoint attests, between `place` and `last`."""
    SHORTENED = "shortened"
    """A checkpoint attests the place `last`; the chain ends before `place`."""
    CHECKPOINT_GONE = "checkpoint-gone"
    """From number `checkpoint` to `last`."""
    CHECKPOINT_ALTERED = "checkpoint-altered"
    """Its words or its signature were changed."""
    OTHER_KEY = "other-key"
    """A checkpoint from outside is signed by another election's key, or the key file here is another."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One trouble, and what is known of where it is. `at` is the line's own moment, or that of the last one before it."""

    trouble: Trouble
    place: int = 0
    last: int = 0
    line: int = 0
    at: datetime | None = None
    case: str | None = None
    checkpoint: int = 0


def of_line(trouble: Trouble, line: Line, *, place: int = 0) -> Finding:
    """A trouble with a line that is there."""
    at, case = line.columns.get("at"), line.columns.get("case")
    return Finding(
        trouble=trouble,
        place=place,
        line=line.number,
        at=at if isinstance(at, datetime) else None,
        case=case if isinstance(case, str) else None,
    )
