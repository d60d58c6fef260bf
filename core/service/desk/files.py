"""A voter's file and its timeline: what is set and when, what is open, what happened. Never a secret."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from core import errors
from core.answers import masked
from core.ports import Act, Durability, Recovery, Transaction, Voter, Written
from core.service.desk.following import Following, notices
from core.service.desk.journaling import event_of
from core.service.desk.proofs import Duty, Proofs
from core.service.tools import Tools
from core.steps import Step
from core.text import Language, Text
from core.words.timeline import Mark, told

CASES_SHOWN = 20
LINES_SHOWN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineLine:
    """Something that happened. `at` is in the election's zone; `step` is the public code of where."""

    line: int
    at: datetime
    sentence: Text
    mark: Mark
    case: str | None
    step: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLine:
    """A case of a voter, and the step where they are."""

    number: str
    flow: str
    """The slug."""
    title: Text
    step: Step
    began: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class VoterFile:
    """What the desk may know of a voter. Moments are in the election's zone."""

    voter: int
    name: str
    academie: str | None
    address: str
    """Masked."""
    language: Language
    phone_ending: str | None
    password_set: datetime | None
    frozen: datetime | None
    removed: datetime | None
    links_alive: int
    cases: tuple[CaseLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """A case by its number. `voter` is None for an address that is not on the roll, or not yet decided."""

    case: CaseLine
    voter: int | None
    address: str
    """As typed, masked."""


@dataclass(frozen=True, slots=True)
class Files:
    """Opens them."""

    tools: Tools
    proofs: Proofs
    following: Following

    def open(self, duty: Duty, voter: int) -> VoterFile:
        """The file of that voter; that it was opened is an event. Raises DutyOver, VoterGone if nobody ever had that id."""
        self.proofs.require_duty(duty)
        self._note(duty, voter=voter, case=None)
        return self.look(duty, voter)

    def look(self, duty: Duty, voter: int) -> VoterFile:
        """The same once more, as it stands now. Raises as `open`."""
        self.proofs.require_duty(duty)
        with self.tools.store.read() as transaction:
            found = transaction.voters.by_id(voter)
            if found is None:
                raise errors.VoterGone
            return self._file(transaction, found)

    def by_case(self, duty: Duty, number: str) -> CaseFile:
        """What a case number leads to; that it was opened is an event. Raises DutyOver, CaseUnknown."""
        self.proofs.require_duty(duty)
        with self.tools.store.read() as transaction:
            case = transaction.recoveries.by_number(number)
            voter = None if case is None else transaction.recoveries.voter_of(number)
            line = None if case is None else self._case(transaction, case)
        if case is None or line is None:
            raise errors.CaseUnknown
        self._note(duty, voter=voter, case=number)
        return CaseFile(case=line, voter=voter, address=self.following.address(case))

    def timeline(self, duty: Duty, voter: int) -> tuple[TimelineLine, ...]:
        """What happened to that voter and in their cases, oldest first. Raises DutyOver.

        All of it each time: a line may join below one already read (`Written`), and a voter has few.
        """
        self.proofs.require_duty(duty)
        with self.tools.store.read() as transaction:
            history = transaction.journal.voter_history(voter, LINES_SHOWN)
            cases = transaction.recoveries.of_voter(voter, CASES_SHOWN)
        return self._lines(history, {case.number: case.flow for case in cases})

    def case_timeline(self, duty: Duty, number: str) -> tuple[TimelineLine, ...]:
        """What happened in that case, oldest first. Raises DutyOver."""
        self.proofs.require_duty(duty)
        with self.tools.store.read() as transaction:
            history = transaction.journal.case_history(number, LINES_SHOWN)
            case = transaction.recoveries.by_number(number)
        return self._lines(history, {} if case is None else {number: case.flow})

    def _lines(self, history: Sequence[Written], flows: Mapping[str, str]) -> tuple[TimelineLine, ...]:
        about_notices = notices(history)
        return tuple(self._line(written, flows, notice=written.line in about_notices) for written in history)

    def _line(self, written: Written, flows: Mapping[str, str], *, notice: bool) -> TimelineLine:
        event = written.event
        line = told(event.act, event.reason, event.agent, notice=notice)
        return TimelineLine(
            line=written.line,
            at=self.tools.calendar.local(event.at),
            sentence=line.sentence,
            mark=line.mark,
            case=event.case,
            step=None if notice else self.following.code_of(event.act, flows.get(event.case or "")),
        )

    def _file(self, transaction: Transaction, voter: Voter) -> VoterFile:
        listed = transaction.directory.listed(voter.id)
        now = self.tools.clock.now()
        cases = transaction.recoveries.of_voter(voter.id, CASES_SHOWN)
        return VoterFile(
            voter=voter.id,
            name=f"{voter.first_name} {voter.last_name}",
            academie=None if listed is None else listed.academie,
            address=masked(voter.email),
            language=voter.language,
            phone_ending=None if listed is None else listed.phone_ending,
            password_set=self._local(voter.password_set),
            frozen=self._local(voter.frozen),
            removed=self._local(voter.removed),
            links_alive=transaction.links.alive(voter.id, epoch=voter.epoch, now=now),
            cases=tuple(self._case(transaction, case) for case in cases),
        )

    def _case(self, transaction: Transaction, case: Recovery) -> CaseLine:
        history = transaction.journal.case_history(case.number, LINES_SHOWN)
        shown = self.following.present(case, history)
        return CaseLine(
            number=case.number,
            flow=case.flow,
            title=self.following.title(case.flow),
            step=shown.step,
            began=self.tools.calendar.local(case.began),
        )

    def _local(self, moment: datetime | None) -> datetime | None:
        return None if moment is None else self.tools.calendar.local(moment)

    def _note(self, duty: Duty, *, voter: int | None, case: str | None) -> None:
        event = event_of(duty, Act.FILE_OPENED, self.tools.clock.now(), voter=voter, case=case)
        with self.tools.store.write(Durability.RELAXED) as transaction:
            transaction.journal.write(event)
