from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from core.desk.authorisation import AgentSession, Authorisation, write_agent_event
from core.desk.hand_overs import require_colleague
from core.desk.subjects import CallSubject, name_of
from core.flows.dependencies import Dependencies
from core.forms import errors
from core.policy.calendar import Calendar
from core.policy.desk_hours import is_desk_open, moment_at_hour
from core.policy.policy import Policy
from core.ports import AnswerWay, CallBack, CallBackOrigin, EventType, Transaction
from core.text.faces.call_sentences import CallBackDueChoice, CallOutcome, ContactReason
from core.text.text import Day, Text, TimeOfDay

AFTERNOON_HOUR = 14
WEEK = 7


@dataclass(frozen=True, slots=True)
class CallBackTimeChoice:
    choice: CallBackDueChoice
    at: datetime

    @property
    def label(self) -> Text:
        return self.choice.sentence.fill({"day": Day(self.at), "time": TimeOfDay(self.at)})


def offered_call_back_times(policy: Policy, calendar: Calendar, now: datetime) -> tuple[CallBackTimeChoice, ...]:
    choices = [choice for choice in _time_choices(policy, calendar, now) if is_desk_open(policy, choice.at)]
    return tuple(sorted(choices, key=lambda choice: choice.at))


def _time_choices(policy: Policy, calendar: Calendar, now: datetime) -> Iterator[CallBackTimeChoice]:
    local = calendar.to_local(now)
    morning = moment_at_hour(local, policy.desk_opens_hour)
    while morning <= local + timedelta(hours=1) or not is_desk_open(policy, morning):
        morning = moment_at_hour(morning + timedelta(days=1), policy.desk_opens_hour)
        if morning > local + timedelta(days=WEEK):
            return
    afternoon = moment_at_hour(local, AFTERNOON_HOUR)
    in_one_hour = calendar.to_local(now + timedelta(hours=1)).replace(second=0, microsecond=0)
    yield CallBackTimeChoice(CallBackDueChoice.IN_ONE_HOUR, in_one_hour)
    if local + timedelta(hours=1) < afternoon:
        yield CallBackTimeChoice(CallBackDueChoice.THIS_AFTERNOON, afternoon)
    yield CallBackTimeChoice(CallBackDueChoice.NEXT_MORNING, morning)
    next_day = morning + timedelta(days=morning.date() == local.date())
    yield CallBackTimeChoice(CallBackDueChoice.NEXT_AFTERNOON, moment_at_hour(next_day, AFTERNOON_HOUR))


READ, DUE_SHOWN, LATER_SHOWN = 200, 20, 6
WITHOUT_ANSWER = (CallOutcome.SOLVED, CallOutcome.NOT_ENTITLED)
"""Outcomes of a written request that is closed without an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBackPromise:
    """An agent's promise to call back. If `assigned` is None, any agent may call."""

    when: CallBackDueChoice
    reason: ContactReason
    assigned: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBackLine:
    """A call-back on the agents' home screen. Times are in the election's time zone."""

    id: int
    voter: int | None
    name: str | None
    case: str | None
    has_file: bool
    origin: CallBackOrigin
    way: AnswerWay
    reason: ContactReason
    due: datetime
    is_due: bool
    until: datetime | None
    """Deadline for the answer, as promised by the website, or None."""
    is_late: bool
    assigned: str | None
    taken_by: str | None


@dataclass(eq=False)
class CallBacks:
    dependencies: Dependencies
    authorisation: Authorisation

    def promisable_times(self, session: AgentSession) -> tuple[CallBackTimeChoice, ...]:
        """Return the times that an agent can promise for a call-back. Raises AgentSessionOver."""
        self.authorisation.require_session(session)
        return offered_call_back_times(
            self.dependencies.policy, self.dependencies.calendar, self.dependencies.clock.now()
        )

    def take(self, session: AgentSession, call_back: int) -> CallBackLine:
        """Reserve a call-back for this agent, or extend the reservation.

        Raises CallBackTaken, CallBackAssigned, CallBackOver, AgentSessionOver, ActionNotAllowed.
        """
        self.authorisation.require_session(session, acting=True)

        def take(transaction: Transaction) -> CallBackLine:
            now, found = self.dependencies.clock.now(), require_waiting(transaction, call_back)
            is_renewed = found.taken_by == session.name
            holder = self._holder(found, session, now)
            if holder is not None:
                raise taken_error(found, holder) if holder == found.taken_by else errors.CallBackAssigned(agent=holder)
            transaction.call_backs.change(found, msgspec.structs.replace(found, taken_by=session.name, taken=now))
            if not is_renewed:
                _write_event(transaction, session, EventType.CALL_BACK_TAKEN, found, now)
            return self._line(transaction, found, now)

        return self.authorisation.write(session, take)

    def give_back(self, session: AgentSession, call_back: int) -> None:
        """Make a call-back available to all agents again.

        Raises CallBackTaken, CallBackOver, AgentSessionOver, ActionNotAllowed.
        """
        self.authorisation.require_session(session, acting=True)

        def give_back(transaction: Transaction) -> None:
            found = require_waiting(transaction, call_back)
            if found.taken_by not in {None, session.name}:
                raise taken_error(found, found.taken_by)
            if found.taken_by is not None:
                free = msgspec.structs.replace(found, taken_by=None, taken=None, assigned=None)
                transaction.call_backs.change(found, free)
                _write_event(transaction, session, EventType.CALL_BACK_GIVEN_BACK, found, self.dependencies.clock.now())

        self.authorisation.write(session, give_back)

    def close_unanswered(self, session: AgentSession, call_back: int, outcome: CallOutcome) -> None:
        """Close a written request without an answer. If the agent has already closed the request, do nothing.

        Raises MalformedDeskRequest, WrittenRequestTaken, WrittenRequestOver, AgentSessionOver, ActionNotAllowed.
        """
        self.authorisation.require_session(session, acting=True)

        def close(transaction: Transaction) -> None:
            found = transaction.call_backs.by_id(call_back)
            if found is not None and (found.taken_by, found.outcome) == (session.name, outcome):
                return
            found = require_waiting(transaction, call_back)
            if found.way is not AnswerWay.WRITING or outcome not in WITHOUT_ANSWER:
                raise errors.MalformedDeskRequest
            if found.taken_by != session.name:
                raise taken_error(found, found.taken_by)
            self.finish(transaction, session, call_back, outcome, self.dependencies.clock.now())

        self.authorisation.write(session, close)

    # ── In the transaction of another action ──────────────────────────────────────────────────────────────

    def add(
        self, transaction: Transaction, session: AgentSession, subject: CallSubject, new: CallBackPromise, now: datetime
    ) -> None:
        """Store a promised call-back. Raises CallBackTimeOver, ColleagueUnknown, CallWithoutFile."""
        if not subject.has_voter_or_case:
            raise errors.CallWithoutFile
        if new.assigned is not None:
            require_colleague(transaction, new.assigned)
        times = offered_call_back_times(self.dependencies.policy, self.dependencies.calendar, now)
        due = next((time.at for time in times if time.choice is new.when), None)
        if due is None:
            raise errors.CallBackTimeOver
        promised = CallBack(
            origin=CallBackOrigin.CALL,
            reason=new.reason,
            voter=subject.voter,
            case=subject.case,
            asked=now,
            promised_by=session.name,
            due=due,
            assigned=new.assigned,
        )
        transaction.call_backs.add(promised)
        _write_event(transaction, session, EventType.CALL_BACK_ASKED, promised, now, reason=new.reason)

    def finish(
        self, transaction: Transaction, session: AgentSession, call_back: int, outcome: CallOutcome, now: datetime
    ) -> None:
        found = transaction.call_backs.by_id(call_back)
        if found is None or found.done is not None:
            return
        transaction.call_backs.change(found, msgspec.structs.replace(found, done=now, outcome=outcome))
        _write_event(transaction, session, EventType.CALL_BACK_DONE, found, now, reason=outcome)

    def find_call_back_taken_by_agent(
        self, transaction: Transaction, session: AgentSession, call_back: int | None
    ) -> CallBack | None:
        """Return this call-back if the agent has taken it and not finished it."""
        found = None if call_back is None else transaction.call_backs.by_id(call_back)
        return None if found is None or found.done is not None or found.taken_by != session.name else found

    def finish_all(
        self, transaction: Transaction, session: AgentSession, voter: int, outcome: CallOutcome, now: datetime
    ) -> None:
        """Finish a voter's call-backs, except promised written answers."""
        for call_back in transaction.call_backs.waiting_for(voter):
            if call_back.way is not AnswerWay.WRITING:
                self.finish(transaction, session, call_back.id, outcome, now)

    def call_back_lines(self, transaction: Transaction, session: AgentSession, now: datetime) -> Iterator[CallBackLine]:
        """Yield the call-backs that this agent has taken or may take. Late call-backs come first."""
        shown = list[CallBack]()
        for origin in CallBackOrigin:
            waiting = transaction.call_backs.waiting(origin, READ)
            own = [each for each in waiting if self._holder(each, session, now) is None]
            due, later = [each for each in own if each.due <= now], [each for each in own if each.due > now]
            due.sort(key=lambda each: not _is_late(each, now))
            shown += (*due[:DUE_SHOWN], *later[:LATER_SHOWN])
        shown.sort(key=lambda each: (not _is_late(each, now), each.due))
        return (self._line(transaction, each, now) for each in shown)

    # ── Parts ────────────────────────────────────────────────────────────────────────────────────────────

    def _holder(self, found: CallBack, session: AgentSession, now: datetime) -> str | None:
        """Return the other agent who currently holds this call-back, or None."""
        if found.taken_by == session.name:
            return None
        policy = self.dependencies.policy
        call, grace = timedelta(minutes=policy.caller_valid_minutes), timedelta(minutes=policy.call_back_grace_minutes)
        if found.taken_by is not None and found.taken is not None and now < found.taken + call:
            return found.taken_by
        is_reserved = found.assigned not in {None, session.name} and now < found.due + grace
        return found.assigned if is_reserved else None

    def _line(self, transaction: Transaction, found: CallBack, now: datetime) -> CallBackLine:
        case = None if found.case is None else transaction.recoveries.by_number(found.case)
        voter, local = found.voter, self.dependencies.calendar.to_local
        if voter is None and case is not None:
            voter = transaction.recoveries.voter_of(case.number)
        return CallBackLine(
            id=found.id,
            voter=voter,
            name=name_of(transaction, voter),
            case=found.case,
            has_file=voter is not None or case is not None,
            origin=found.origin,
            way=found.way,
            reason=found.reason,
            due=local(found.due),
            is_due=found.due <= now,
            until=None if found.until is None else local(found.until),
            is_late=_is_late(found, now),
            assigned=found.assigned,
            taken_by=found.taken_by,
        )


def require_waiting(transaction: Transaction, call_back: int) -> CallBack:
    found = transaction.call_backs.by_id(call_back)
    if found is None or found.done is not None:
        is_written = found is not None and found.way is AnswerWay.WRITING
        raise errors.WrittenRequestOver if is_written else errors.CallBackOver
    return found


def taken_error(found: CallBack, agent: str | None) -> errors.CallBackTaken:
    error = errors.WrittenRequestTaken if found.way is AnswerWay.WRITING else errors.CallBackTaken
    return error(agent=agent)


def _is_late(found: CallBack, now: datetime) -> bool:
    return found.until is not None and found.until <= now


def _write_event(
    transaction: Transaction,
    session: AgentSession,
    act: EventType,
    found: CallBack,
    at: datetime,
    *,
    reason: str | None = None,
) -> None:
    write_agent_event(transaction, session.name, act, at, voter=found.voter, case=found.case, reason=reason)
