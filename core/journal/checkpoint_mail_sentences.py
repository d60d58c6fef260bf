"""Sentences of a checkpoint's mail about interventions and alarms."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from core.journal.checkpoint_mail_reports import event_type_of_line
from core.journal.declared_loss_sentences import NOT_KNOWN, loss_sentences
from core.journal.declared_losses import parse_declaration
from core.journal.finding_sentences import Local
from core.journal.journal_sentences import MORE_REPORTS, REPORTS_BEGIN
from core.ports import EventType, JournalLine
from core.text.faces.timeline_sentences import TimelineTexts
from core.text.text import N_, Moment, Text

SHOWN = 50
REPORT = N_("{at} : {sentence}")
REPORT_WITH_REASON = N_("{at} : {sentence} ({reason})")


def report_sentences(lines: Sequence[JournalLine], timeline: TimelineTexts, local: Local) -> Iterator[Text]:
    """Return a sentence for each line, and more for a declared loss."""
    if not lines:
        return
    yield REPORTS_BEGIN
    for line in lines[:SHOWN]:
        yield _report(line, timeline, local)
        said = (
            parse_declaration(line.columns.get("reason"))
            if event_type_of_line(line) == EventType.LOSS_DECLARED
            else None
        )
        if said is not None:
            yield from loss_sentences(said, local)
            yield from NOT_KNOWN
    if len(lines) > SHOWN:
        yield MORE_REPORTS.for_count(len(lines) - SHOWN)


def _report(line: JournalLine, timeline: TimelineTexts, local: Local) -> Text:
    act, reason, agent, at = (line.columns.get(name) for name in ("act", "reason", "agent", "at"))
    said = timeline.line(str(act), *(each if isinstance(each, str) else None for each in (reason, agent)))
    facts = {"at": Moment(local(at)) if isinstance(at, datetime) else "–", "sentence": said.sentence, "reason": reason}
    plain = reason is None or act == EventType.LOSS_DECLARED
    return (REPORT if plain else REPORT_WITH_REASON).fill(facts)
