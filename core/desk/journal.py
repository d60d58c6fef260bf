import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from core.desk.authorisation import AgentSession, Authorisation
from core.desk.progress import CaseProgress
from core.desk.steps import sentence_filler
from core.desk.subjects import name_of
from core.flows.dependencies import Dependencies
from core.flows.incident_catalogue import BY_NAME
from core.forms import errors
from core.forms.errors.supervisor_incident_input import SupervisorNeeded
from core.journal.board_sentences import sentences_of_reported_reason
from core.ports import REFUSALS, AgentRole, EventType, JournalFilter, RecordedEvent, Transaction
from core.security.tokens import parse_case_number
from core.text.faces import journal_screen_texts as words
from core.text.faces.incident_page_texts import WHERE
from core.text.faces.timeline_sentences import TimelineLineTone, TimelineTexts
from core.text.text import Text

EVENTS_WITH_REASON_IN_SENTENCE = {
    EventType.MAIL_CANCELLED,
    EventType.SMS_CANCELLED,
    EventType.FROZEN,
    EventType.LOSS_DECLARED,
}
INCIDENT = re.compile(r"(?P<number>\d+) (?P<sentence>\S+) (?P<scope>\S+) ?(?P<subject>.*)")
"""Format of the `reason` in events about incidents."""
SEARCHES = re.compile(r"\d+ \d+", re.ASCII)
"""Format of a SEARCHED event's reason: number of searches, then number of people shown."""


def reason_sentences(texts: TimelineTexts, event: str, reason: str | None) -> tuple[Text, ...]:
    if not reason or event in EVENTS_WITH_REASON_IN_SENTENCE or reason in texts.reasons.get(event, {}):
        return ()
    sentences = tuple(_words(event, reason))
    # A refusal without a sentence of its own is already described by the sentence of the event.
    return sentences if sentences or event in REFUSALS else sentences_of_reported_reason(event, reason)


def _words(event: str, reason: str) -> Iterator[Text]:
    match event:
        case EventType.SEARCHED if SEARCHES.fullmatch(reason):
            searches, people = map(int, reason.split())
            yield words.SEARCHES.for_count(searches)
            yield words.PEOPLE_SHOWN.for_count(people)
        case EventType.CODE_DECIDED | EventType.CALL_DECIDED:
            code, _, sending = reason.partition(".")
            yield words.CODE_AND_SENDING.fill({"code": code, "sending": sending})
        case EventType.IDENTIFIER_IN_FORCE:
            yield words.ORDINAL_OF_IDENTIFIER.fill({"ordinal": reason})
        case EventType.MAIL_ACCEPTED | EventType.SMS_ACCEPTED:
            yield words.TAKEN_BY.fill({"provider": reason.rpartition(" ")[2]})
        case EventType.CODE_QUEUED:
            yield words.WAITS_FOR_BUDGET
        case EventType.INCIDENT_ANNOUNCED:
            yield from _announced_incident(reason)
        case EventType.INCIDENT_ENDED:
            yield words.INCIDENT_ENDED.fill({"number": reason})
        case EventType.CALENDAR_REFUSED if reason in words.OPERATIONS:
            yield words.OPERATIONS[reason]
        case _ if event in REFUSALS and reason in (known := errors.error_classes_by_id(errors.Refusal)):
            yield sentence_filler({})(known[reason].title)


def _announced_incident(reason: str) -> Iterator[Text]:
    parts = INCIDENT.fullmatch(reason)
    if parts and (sentence := BY_NAME.get(parts["sentence"])) and (where := WHERE.get(parts["scope"])):
        filled = {"number": parts["number"], "title": sentence.title, "where": where.fill(parts.groupdict())}
        yield words.INCIDENT_ANNOUNCED.fill(filled)


PAGE = 50
SLICE = 50_000
"""Maximum number of lines that one query reads without an index."""
SLICES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """A line of the journal. `at` is in the election's time zone."""

    line: int
    at: datetime
    sentence: Text
    mark: TimelineLineTone
    case: str | None
    voter: int | None
    agent: str | None
    step: str | None
    reasons: tuple[Text, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalPage:
    entries: tuple[JournalEntry, ...]
    older: int | None
    """Value of `before` that gives the next older page, or None."""
    name: str | None


@dataclass(frozen=True, slots=True)
class JournalFilterChoices:
    acts: Mapping[str, Text]
    agents: tuple[str, ...]


@dataclass(eq=False)
class JournalBrowser:
    """Reads pages of the journal. Records an event when the filter names a voter or case."""

    dependencies: Dependencies
    authorisation: Authorisation
    progress: CaseProgress
    timeline_texts: TimelineTexts

    def view(self, session: AgentSession, wanted: JournalFilter, before: int | None = None) -> JournalPage:
        """Return the newest page, or the page before line `before`.

        Raises SupervisorNeeded, CaseUnknown, AgentSessionOver.
        """
        require_supervisor_or_auditor(self.authorisation, session)
        if wanted.case is not None and parse_case_number(wanted.case) != wanted.case:
            raise errors.CaseUnknown  # otherwise the malformed number would be stored in the journal
        if wanted.names_file:
            self.authorisation.record_agent_event(session, EventType.FILE_OPENED, voter=wanted.voter, case=wanted.case)
        with self.dependencies.store.read() as transaction:
            high = transaction.figures.last_journal_line() + 1 if before is None else before
            found, older = _read(transaction, wanted, high)
            entries = tuple(self._entries(transaction, found))
            return JournalPage(entries=entries, older=older, name=name_of(transaction, wanted.voter))

    def choices(self, session: AgentSession) -> JournalFilterChoices:
        """Return the event types and agents that a filter can select. Raises SupervisorNeeded, AgentSessionOver."""
        require_supervisor_or_auditor(self.authorisation, session)
        with self.dependencies.store.read() as transaction:
            agents = tuple(sorted({agent.name for agent in transaction.agents.all()}))
        events = self.timeline_texts.events.items()
        return JournalFilterChoices({act: line.sentence.fill({"agent": "…"}) for act, line in events}, agents)

    def _entries(self, transaction: Transaction, found: list[RecordedEvent]) -> Iterator[JournalEntry]:
        flows = dict[str, str | None]()
        for number in {recorded.event.case for recorded in found}:
            case = None if number is None else transaction.recoveries.by_number(number)
            flows[number or ""] = None if case is None else case.flow
        for recorded in found:
            event = recorded.event
            line = self.timeline_texts.line(event.act, event.reason, event.agent)
            yield JournalEntry(
                line=recorded.line,
                at=self.dependencies.calendar.to_local(event.at),
                sentence=line.sentence,
                mark=line.mark,
                # None for a checkpoint email, which has another kind of number.
                case=event.case and parse_case_number(event.case),
                voter=event.voter,
                agent=event.agent,
                step=self.progress.step_code_of(event.act, flows[event.case or ""]),
                reasons=reason_sentences(self.timeline_texts, event.act, event.reason),
            )


def require_supervisor_or_auditor(authorisation: Authorisation, session: AgentSession) -> None:
    """Raise SupervisorNeeded unless the agent is a supervisor or an auditor. Also raises AgentSessionOver."""
    if authorisation.require_session(session).role is AgentRole.AGENT:
        authorisation.record_agent_event(session, EventType.ACT_REFUSED, reason=SupervisorNeeded.id)
        raise SupervisorNeeded


def _read(transaction: Transaction, wanted: JournalFilter, before: int) -> tuple[list[RecordedEvent], int | None]:
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
