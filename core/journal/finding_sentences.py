"""Writes the sentence of a finding, with the places, lines and moments that it names."""

from collections.abc import Callable, Mapping
from datetime import datetime

from core.journal import journal_verify_and_checkpoint_sentences as words
from core.journal.verification_findings import JournalFinding, JournalFindingKind
from core.text.text import Moment, Text

Local = Callable[[datetime], datetime]
"""Converts a moment to the election's clock."""
SAID: Mapping[JournalFindingKind, Text] = {
    JournalFindingKind.DISAGREES: words.DISAGREES,
    JournalFindingKind.LINE_GONE: words.LINE_GONE,
    JournalFindingKind.PLACES_GONE: words.PLACES_GONE,
    JournalFindingKind.SLIPPED_IN: words.SLIPPED_IN,
    JournalFindingKind.REWRITTEN: words.REWRITTEN,
    JournalFindingKind.SHORTENED: words.SHORTENED,
    JournalFindingKind.CHECKPOINT_GONE: words.CHECKPOINTS_GONE,
    JournalFindingKind.CHECKPOINT_ALTERED: words.CHECKPOINT_ALTERED,
    JournalFindingKind.DECLARED_WRONGLY: words.DECLARED_WRONGLY,
    JournalFindingKind.OTHER_KEY: words.OTHER_KEY,
}
OF_ONE: Mapping[JournalFindingKind, Text] = {
    JournalFindingKind.PLACES_GONE: words.PLACE_GONE,
    JournalFindingKind.CHECKPOINT_GONE: words.CHECKPOINT_GONE,
}


def finding_sentence(finding: JournalFinding, local: Local) -> Text:
    """Return the sentence of a finding."""
    one = finding.last in (finding.place, finding.checkpoint)
    said = OF_ONE.get(finding.kind, SAID[finding.kind]) if one else SAID[finding.kind]
    # Places, lines and numbers are names here, not quantities: they take no thousands separator.
    names = {name: str(getattr(finding, name)) for name in ("place", "last", "line", "checkpoint")}
    return said.fill({**names, "where": _where(finding, local), "after": _after(finding, local)})


def _where(finding: JournalFinding, local: Local) -> Text:
    if finding.at is None:
        said = words.LINE_UNDATED
    else:
        said = words.LINE_ALONE if finding.case is None else words.LINE_OF_CASE
    return said.fill({"line": str(finding.line), "at": _moment(finding.at, local), "case": finding.case})


def _after(finding: JournalFinding, local: Local) -> Text:
    return words.AT_THE_START if finding.at is None else words.AFTER.fill({"at": _moment(finding.at, local)})


def _moment(at: datetime | None, local: Local) -> Moment | None:
    return None if at is None else Moment(local(at))
