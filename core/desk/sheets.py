"""Summarises a case for another person, without secrets or full contact details."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from core.desk.authorisation import AgentSession, Authorisation
from core.desk.files import LINES_SHOWN, CaseFile, TimelineLine, VoterFile, VoterFiles
from core.desk.journal import require_supervisor_or_auditor
from core.flows.dependencies import Dependencies
from core.ports import EventType
from core.text.faces import desk_terminal_texts, journal_screen_texts
from core.text.text import Moment, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationSheet:
    number: str
    made: datetime
    facts: tuple[Text, ...]
    lines: tuple[TimelineLine, ...]


@dataclass(eq=False)
class EscalationSheets:
    dependencies: Dependencies
    authorisation: Authorisation
    files: VoterFiles

    def make(self, session: AgentSession, number: str) -> EscalationSheet:
        require_supervisor_or_auditor(self.authorisation, session)
        case = self.files.open_case(session, number)
        voter = case.voter
        file = None if voter is None else self.files.read(session, voter)
        read = self.files.case_timeline(session, number) if voter is None else self.files.timeline(session, voter)
        lines = tuple(line for line in read if line.case in {number, None})
        made = self.dependencies.calendar.to_local(self.dependencies.clock.now())
        facts = (journal_screen_texts.SHEET_MADE.fill({"name": session.name, "at": Moment(made)}), *_facts(case, file))
        if len(read) == LINES_SHOWN:
            facts += (journal_screen_texts.LATEST_ONLY.fill({"count": LINES_SHOWN}),)
        self.authorisation.record_agent_event(session, EventType.CASE_SHEET_MADE, voter=voter, case=number)
        return EscalationSheet(number=number, made=made, facts=facts, lines=lines)


def _facts(found: CaseFile, file: VoterFile | None) -> Iterator[Text]:
    case = found.case
    step = {"step": case.step.code, "title": case.step.title}
    yield journal_screen_texts.CASE_BEGAN.fill({"flow": case.title, "at": Moment(case.began)})
    yield desk_terminal_texts.STEP_NAMED.fill(step)
    if case.message is not None:
        yield case.message.labelled
    yield journal_screen_texts.ADDRESS.fill({"address": found.address if file is None else file.address})
    if file is None:
        yield journal_screen_texts.PERSON_UNKNOWN
        return
    person = file.name if file.academie is None else f"{file.name} · {file.academie}"
    yield journal_screen_texts.PERSON.fill({"name": person})
    yield desk_terminal_texts.READS_IN[file.language]
    if file.phone_ending is not None:
        yield desk_terminal_texts.PHONE_ENDING.fill({"ending": file.phone_ending})
    yield journal_screen_texts.PASSWORD_STATE.fill(
        {"state": desk_terminal_texts.password_set_sentence(file.password_set, file.reopened)}
    )
    if file.links_alive:
        yield desk_terminal_texts.valid_links_sentence(file.links_alive)
    if file.frozen is not None:
        yield desk_terminal_texts.FROZEN_SINCE.fill({"at": Moment(file.frozen)})
    if file.removed is not None:
        yield desk_terminal_texts.REMOVED_SINCE.fill({"at": Moment(file.removed)})
