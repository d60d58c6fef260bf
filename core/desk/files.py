"""Voters' files and timelines as agents see them, without secrets."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from msgspec import structs

from core.desk.authorisation import AgentSession, Authorisation
from core.desk.journal import reason_sentences
from core.desk.message_status import REQUESTS, SMS_EVENTS, AwaitedMessageTracker, MessageStatusLine, is_about_call
from core.desk.progress import MAIL_EVENTS, CaseProgress, journal_lines_of_change_notices
from core.desk.steps import StepTitle
from core.flows.dependencies import Dependencies
from core.flows.flow_messages import language_of_last_page
from core.forms import errors
from core.forms.field_parsers import mask_address
from core.forms.flow_model import Channel
from core.ports import (
    REFUSALS,
    AnswerWay,
    CallRecord,
    EventType,
    MessageKind,
    RecordedEvent,
    RecoveryCase,
    Transaction,
    Voter,
)
from core.text.faces.call_sentences import WITH_LENGTH, CallOutcome, call_length
from core.text.faces.timeline_sentences import TimelineLineTone, TimelineTexts
from core.text.text import Language, Text

CASES_SHOWN = 20
LINES_SHOWN = 200
SENTENCE_AND_REASON = Text("{sentence} {reason}")
DELIVERY_EVENTS = MAIL_EVENTS | SMS_EVENTS
"""Event types about the delivery of a message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineLine:
    """An event in a timeline. `at` is in the election's time zone."""

    line: int
    at: datetime
    sentence: Text
    mark: TimelineLineTone
    case: str | None
    step: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLine:
    number: str
    flow: str
    title: Text
    step: StepTitle
    began: datetime
    message: MessageStatusLine | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VoterFile:
    """What agents may see about a voter. The email address is masked."""

    voter: int
    name: str
    academie: str | None
    address: str
    phone_ending: str | None
    language: Language
    """Language of the voter's last request, or the language on the electoral roll."""
    password_set: datetime | None
    reopened: datetime | None
    """The time at which the helpdesk last reopened the account."""
    frozen: datetime | None
    removed: datetime | None
    links_alive: int
    cases: tuple[CaseLine, ...]
    call_back: datetime | None
    answer_by: datetime | None
    written_request: int | None
    """Id of the request that still needs a written answer, or None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """A case that an agent opened by number. The email address is masked."""

    case: CaseLine
    voter: int | None
    address: str


def language_of_last_page_or_roll(voter: Voter, cases: Sequence[RecoveryCase]) -> Language:
    """Return the language of the last page that the voter used, or the language on the roll. Newest case first."""
    return next(filter(None, (language_of_last_page(case.state) for case in cases)), voter.language)


@dataclass(eq=False)
class VoterFiles:
    dependencies: Dependencies
    authorisation: Authorisation
    progress: CaseProgress
    timeline_texts: TimelineTexts
    tracker: AwaitedMessageTracker

    def open(self, session: AgentSession, voter: int) -> VoterFile:
        """Return a voter's file and record that the agent opened it. Raises AgentSessionOver, VoterNotOnRoll."""
        self.authorisation.require_session(session)
        self.authorisation.record_agent_event(session, EventType.FILE_OPENED, voter=voter)
        return self.read(session, voter)

    def read(self, session: AgentSession, voter: int) -> VoterFile:
        """Return a voter's file without recording an event. Raises AgentSessionOver, VoterNotOnRoll."""
        with self.authorisation.read(session) as transaction:
            found = transaction.voters.by_id(voter)
            if found is None:
                raise errors.VoterNotOnRoll
            return self._file(transaction, found)

    def open_case(self, session: AgentSession, number: str) -> CaseFile:
        """Return a case and record that the agent opened it. Raises AgentSessionOver, CaseUnknown."""
        with self.authorisation.read(session) as transaction:
            case = _require_case(transaction, number)
            voter, line = transaction.recoveries.voter_of(number), self._case(transaction, case)
        self.authorisation.record_agent_event(session, EventType.FILE_OPENED, voter=voter, case=number)
        return CaseFile(case=line, voter=voter, address=self.progress.masked_typed_address(case))

    def read_case(self, session: AgentSession, number: str) -> CaseLine:
        """Return a case without recording an event. Raises AgentSessionOver, CaseUnknown."""
        with self.authorisation.read(session) as transaction:
            return self._case(transaction, _require_case(transaction, number))

    def timeline(self, session: AgentSession, voter: int) -> tuple[TimelineLine, ...]:
        """Return the events about a voter and about the voter's cases, oldest first. Raises AgentSessionOver."""
        with self.authorisation.read(session) as transaction:
            history = transaction.journal.voter_history(voter, LINES_SHOWN)
            cases = transaction.recoveries.of_voter(voter, CASES_SHOWN)
            calls = transaction.calls.of_voter(voter, LINES_SHOWN)
        return self._lines(history, {case.number: case.flow for case in cases}, calls)

    def case_timeline(self, session: AgentSession, number: str) -> tuple[TimelineLine, ...]:
        with self.authorisation.read(session) as transaction:
            history = transaction.journal.case_history(number, LINES_SHOWN)
            case = transaction.recoveries.by_number(number)
            calls = transaction.calls.of_case(number, LINES_SHOWN)
        return self._lines(history, {} if case is None else {number: case.flow}, calls)

    def _lines(
        self, history: Sequence[RecordedEvent], flows: Mapping[str, str], calls: Sequence[CallRecord]
    ) -> tuple[TimelineLine, ...]:
        lengths = {(call.ended, call.agent): call_length(call.began, call.ended) for call in calls}
        notices = journal_lines_of_change_notices(history, self.timeline_texts.changes)
        codes = self._step_codes([each for each in history if each.line not in notices], flows)
        folded = lines_with_later_delivery_news(history, notices) | lines_said_before(history)
        return tuple(
            self._line(each, codes.get(each.line), lengths, notice=each.line in notices)
            for each in history
            if each.line not in folded
        )

    def _step_codes(self, history: Sequence[RecordedEvent], flows: Mapping[str, str]) -> dict[int, str | None]:
        found, last = dict[int, str | None](), dict[str, str | None]()
        for written in history:
            event, case = written.event, written.event.case or ""
            code = self.progress.step_code_of(event.act, flows.get(case))
            if code is None and event.act in DELIVERY_EVENTS:
                code = last.get(case)
            found[written.line] = code
            last[case] = code or last.get(case)
        return found

    def _line(
        self, written: RecordedEvent, step: str | None, lengths: Mapping[tuple[datetime, str], Text], *, notice: bool
    ) -> TimelineLine:
        event = written.event
        line = self.timeline_texts.line(event.act, event.reason, event.agent, notice=notice)
        length = lengths.get((event.at, event.agent or "")) if event.act == EventType.CALL_ENDED else None
        sentence = line.sentence
        if event.act in REFUSALS:
            for reason in reason_sentences(self.timeline_texts, event.act, event.reason):
                sentence = SENTENCE_AND_REASON.fill({"sentence": sentence, "reason": reason})
        return TimelineLine(
            line=written.line,
            at=self.dependencies.calendar.to_local(event.at),
            sentence=sentence if length is None else WITH_LENGTH.fill({"sentence": sentence, "length": length}),
            mark=line.mark,
            case=event.case,
            step=step,
        )

    def _file(self, transaction: Transaction, voter: Voter) -> VoterFile:
        listed = transaction.directory.on_roll(voter.id)
        now = self.dependencies.clock.now()
        cases = transaction.recoveries.of_voter(voter.id, CASES_SHOWN)
        awaited = transaction.call_backs.waiting_for(voter.id)
        request = next((each for each in awaited if each.way is AnswerWay.WRITING), None)
        return VoterFile(
            voter=voter.id,
            name=f"{voter.first_name} {voter.last_name}",
            academie=None if listed is None else listed.academie,
            address=mask_address(voter.email),
            phone_ending=None if listed is None else listed.phone_ending,
            language=language_of_last_page_or_roll(voter, cases),
            password_set=self._local(voter.password_set),
            reopened=self._local(voter.reopened),
            frozen=self._local(voter.frozen),
            removed=self._local(voter.removed),
            links_alive=transaction.links.count_valid_links(voter.id, epoch=voter.epoch, now=now),
            cases=tuple(self._case(transaction, case) for case in cases),
            call_back=next((self._local(each.due) for each in awaited if each.way is AnswerWay.CALL), None),
            answer_by=None if request is None else self._local(request.until),
            written_request=None if request is None else request.id,
        )

    def _case(self, transaction: Transaction, case: RecoveryCase) -> CaseLine:
        history = transaction.journal.case_history(case.number, LINES_SHOWN)
        step = self.progress.page(case, history).step
        return CaseLine(
            number=case.number,
            flow=case.flow,
            title=self.progress.handler(case.flow).steps.flow.title,
            step=StepTitle(step.code, step.copy.title),
            began=self.dependencies.calendar.to_local(case.began),
            message=self.tracker.find_message_status(transaction, history),
        )

    def _local(self, moment: datetime | None) -> datetime | None:
        return None if moment is None else self.dependencies.calendar.to_local(moment)


def lines_with_later_delivery_news(history: Sequence[RecordedEvent], notices: Collection[int]) -> frozenset[int]:
    """Return the line numbers of delivery events that later events replace."""
    folded, latest = set[int](), dict[tuple[str | None, str], int]()
    for written in history:
        act, case = written.event.act, written.event.case
        if act in REQUESTS:
            latest.pop((case, REQUESTS[act]), None)
            latest.pop((case, MessageKind.CALL), None)
        if act in DELIVERY_EVENTS | {EventType.LINK_DECIDED}:
            sms = MessageKind.CALL if is_about_call(written.event) else Channel.SMS
            channel = sms if act in SMS_EVENTS else "notice" if written.line in notices else Channel.MAIL
            former = latest.get((case, channel))
            folded |= set() if former is None else {former}
            latest[case, channel] = written.line
    return frozenset(folded)


def lines_said_before(history: Sequence[RecordedEvent]) -> frozenset[int]:
    """Return the line numbers of events that repeat an earlier line.

    A written answer and an approval are each recorded as two events. If an agent opens a file several times in a row,
    only the last time is shown.
    """
    told, signed = set[int](), set[str | None]()
    for former, later in pairwise(history):
        opened, again = former.event, later.event
        if opened.act == EventType.FILE_OPENED and structs.replace(opened, at=again.at, case=again.case) == again:
            told.add(former.line)
    for written in history:
        act, agent = written.event.act, written.event.agent
        if act == EventType.SIGNATURE_ACCEPTED:
            signed.add(agent)
        elif act == EventType.COUNTERSIGNED and agent in signed:
            signed.remove(agent)
            told.add(written.line)
        elif act == EventType.CALL_BACK_DONE and written.event.reason == CallOutcome.ANSWERED:
            told.add(written.line)
    return frozenset(told)


def _require_case(transaction: Transaction, number: str) -> RecoveryCase:
    case = transaction.recoveries.by_number(number)
    if case is None:
        raise errors.CaseUnknown
    return case
