"""The journal as supervisors and the auditor read it: by case, person, event and agent, a page at a time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from core.desk.case_progress import CaseProgress
from core.desk.desk_use_case_base import name_of
from core.desk.journal_reason_sentences import reason_sentences
from core.desk.sessions_callers_and_approvals import AgentSession, Authorisation
from core.flows.dependencies import Dependencies
from core.forms import errors
from core.forms.errors.supervisor_incident_input import SupervisorNeeded
from core.ports import AgentRole, EventType, JournalFilter, RecordedEvent, Transaction
from core.security.tokens import parse_case_number
from core.text.faces.timeline_sentences import TimelineLineTone, TimelineTexts
from core.text.text import Text

PAGE = 50
SLICE = 50_000
"""The most lines that one query reads where no index finds the wanted ones: some 50 ms."""
SLICES = 10
"""The most slices that one page reads; the next page goes on below them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """A line of the journal. `at` is in the election's zone; `step` is the public code of the step where it happened."""

    line: int
    at: datetime
    sentence: Text
    mark: TimelineLineTone
    case: str | None
    voter: int | None
    agent: str | None
    step: str | None
    reasons: tuple[Text, ...]
    """The sentences of the reason, beyond the event's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalPage:
    """A page, the latest line first."""

    entries: tuple[JournalEntry, ...]
    older: int | None
    """The line before which the next page begins; None at the beginning of the journal."""
    name: str | None
    """The name of the person whose lines are wanted."""


@dataclass(frozen=True, slots=True)
class JournalFilterChoices:
    """The events and the agents' names to choose from."""

    acts: Mapping[str, Text]
    """The sentence of each event."""
    agents: tuple[str, ...]


@dataclass(eq=False)
class JournalBrowser:
    """Reads pages of the journal; whoever asks for one person or case leaves the line of an opened file."""

    dependencies: Dependencies
    authorisation: Authorisation
    progress: CaseProgress
    timeline_texts: TimelineTexts

    def view(self, session: AgentSession, wanted: JournalFilter, before: int | None = None) -> JournalPage:
        """Return the newest page, or the one before that line. Raises SupervisorNeeded, CaseUnknown, AgentSessionOver."""
        require_supervisor_or_auditor(self.authorisation, session)
        if wanted.case is not None and parse_case_number(wanted.case) != wanted.case:
            raise errors.CaseUnknown  # the line of an opened file holds it for ever
        if wanted.names_file:
            self.authorisation.record_agent_event(session, EventType.FILE_OPENED, voter=wanted.voter, case=wanted.case)
        with self.dependencies.store.read() as transaction:
            high = transaction.figures.last_journal_line() + 1 if before is None else before
            found, older = _read(transaction, wanted, high)
            entries = tuple(self._entries(transaction, found))
            return JournalPage(entries=entries, older=older, name=name_of(transaction, wanted.voter))

    def choices(self, session: AgentSession) -> JournalFilterChoices:
        """Return what lines can be wanted of. Raises SupervisorNeeded, AgentSessionOver."""
        require_supervisor_or_auditor(self.authorisation, session)
        with self.dependencies.store.read() as transaction:
            agents = tuple(sorted({agent.name for agent in transaction.agents.all()}))
        events = self.timeline_texts.events.items()
        return JournalFilterChoices({act: line.sentence.fill({"agent": "…"}) for act, line in events}, agents)

    def _entries(self, transaction: Transaction, found: list[RecordedEvent]) -> Iterator[JournalEntry]:
        flows = dict[str, str | None]()
        for number in {each.event.case for each in found}:
            case = None if number is None else transaction.recoveries.by_number(number)
            flows[number or ""] = None if case is None else case.flow
        for each in found:
            event = each.event
            line = self.timeline_texts.line(event.act, event.reason, event.agent)
            yield JournalEntry(
                line=each.line,
                at=self.dependencies.calendar.to_local(event.at),
                sentence=line.sentence,
                mark=line.mark,
                case=event.case and parse_case_number(event.case),  # the mail of a checkpoint has a number of its own
                voter=event.voter,
                agent=event.agent,
                step=self.progress.step_code_of(event.act, flows[event.case or ""]),
                reasons=reason_sentences(self.timeline_texts, event.act, event.reason),
            )


def require_supervisor_or_auditor(authorisation: Authorisation, session: AgentSession) -> None:
    """Raise SupervisorNeeded for an agent who is neither supervisor nor auditor, AgentSessionOver."""
    role = authorisation.require_account(session).role
    with authorisation.record_refusals(session):
        if role is AgentRole.AGENT:
            raise SupervisorNeeded


def _read(transaction: Transaction, wanted: JournalFilter, before: int) -> tuple[list[RecordedEvent], int | None]:
    """Return the lines of a page, and the line before which the next one begins."""
    high, found = before, list[RecordedEvent]()
    for _ in range(SLICES):
        low = 0 if wanted.names_file else max(0, high - 1 - SLICE)
        found += transaction.journal.page(wanted, after=low, before=high, limit=PAGE + 1 - len(found))
        if len(found) > PAGE:
            return found[:PAGE], found[PAGE - 1].line
        high = low + 1
        if low == 0:
            return found, None
    return found, high
