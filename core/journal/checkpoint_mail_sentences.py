"""Sentences of a checkpoint's mail about interventions and alarms."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from core.journal.declared_loss_sentences import NOT_KNOWN, sentences_of_declared_loss
from core.journal.declared_losses import declarations_in
from core.journal.journal_verify_and_checkpoint_sentences import MORE_REPORTS, REPORTS_BEGIN
from core.journal.reported_reason_sentences import sentences_of_reported_reason
from core.journal.verification_findings import Local
from core.ports import JournalLine
from core.text.faces.timeline_sentences import TimelineTexts
from core.text.text import N_, Moment, Text

SHOWN = 50
REPORT = N_("{at} : {sentence}")
REPORT_EXPLAINED = N_("{at} : {sentence} {explained}")


def sentences_of_reported_events(lines: Sequence[JournalLine], timeline: TimelineTexts, local: Local) -> Iterator[Text]:
    """Return a sentence for each line, and more for a declared loss."""
    if not lines:
        return
    yield REPORTS_BEGIN
    for line in lines[:SHOWN]:
        yield from _report(line, timeline, local)
        for said in declarations_in([line]):
            yield from sentences_of_declared_loss(said, local)
            yield from NOT_KNOWN
    if len(lines) > SHOWN:
        yield MORE_REPORTS.for_count(len(lines) - SHOWN)


def _report(line: JournalLine, timeline: TimelineTexts, local: Local) -> Iterator[Text]:
    act, reason, agent, at = (line.columns.get(name) for name in ("act", "reason", "agent", "at"))
    word = reason if isinstance(reason, str) else ""
    said = timeline.line(str(act), word, agent if isinstance(agent, str) else None)
    known = word in timeline.reasons.get(str(act), {})
    explained = [] if known else [*sentences_of_reported_reason(act, word)]
    facts = {"at": Moment(local(at)) if isinstance(at, datetime) else "–", "sentence": said.sentence}
    yield REPORT_EXPLAINED.fill({**facts, "explained": explained[0]}) if explained else REPORT.fill(facts)
    yield from explained[1:]
