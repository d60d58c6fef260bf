"""The sentences of a finding, with the places, lines and moments that it names."""

from collections.abc import Callable, Mapping
from datetime import datetime

from core.journal.findings import Finding, Trouble
from core.text import Moment, Text
from core.words import journal as words

Local = Callable[[datetime], datetime]
"""A moment on the election's clock."""
SAID: Mapping[Trouble, Text] = {
    Trouble.DISAGREES: words.DISAGREES,
    Trouble.LINE_GONE: words.LINE_GONE,
    Trouble.PLACES_GONE: words.PLACES_GONE,
    Trouble.SLIPPED_IN: words.SLIPPED_IN,
    Trouble.REWRITTEN: words.REWRITTEN,
    Trouble.SHORTENED: words.SHORTENED,
    Trouble.CHECKPOINT_GONE: words.CHECKPOINTS_GONE,
    Trouble.CHECKPOINT_ALTERED: words.CHECKPOINT_ALTERED,
    Trouble.OTHER_KEY: words.OTHER_KEY,
}
OF_ONE: Mapping[Trouble, Text] = {
    Trouble.PLACES_GONE: words.PLACE_GONE,
    Trouble.CHECKPOINT_GONE: words.CHECKPOINT_GONE,
}


def told(finding: Finding, local: Local) -> Text:
    """What was found and where, in one line."""
    one = finding.last in (finding.place, finding.checkpoint)
    said = OF_ONE.get(finding.trouble, SAID[finding.trouble]) if one else SAID[finding.trouble]
    # Places, lines and numbers are names here, not quantities: they take no thousands separator.
    names = {name: str(getattr(finding, name)) for name in ("place", "last", "line", "checkpoint")}
    return said.fill({**names, "where": _where(finding, local), "after": _after(finding, local)})


def _where(finding: Finding, local: Local) -> Text:
    if finding.at is None:
        said = words.LINE_UNDATED
    else:
        said = words.LINE_ALONE if finding.case is None else words.LINE_OF_CASE
    return said.fill({"line": str(finding.line), "at": _moment(finding.at, local), "case": finding.case})


def _after(finding: Finding, local: Local) -> Text:
    return words.AT_THE_START if finding.at is None else words.AFTER.fill({"at": _moment(finding.at, local)})


def _moment(at: datetime | None, local: Local) -> Moment | None:
    return None if at is None else Moment(local(at))
