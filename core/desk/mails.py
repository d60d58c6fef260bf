"""Lets agents request recovery emails. Emails go only to the address on the electoral roll."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, TypeVar

from core.desk import actions as words
from core.desk.actions import AvailableAction, DeskAction
from core.desk.authorisation import AgentSession, Authorisation, VerifiedCaller
from core.desk.subjects import require_voter_on_roll
from core.desk.verification import CallerVerification
from core.flows.dependencies import Dependencies
from core.flows.password.definition import SLUG
from core.flows.password.link_requests import PasswordLinkRequests, state_after_new_request
from core.flows.password.states import (
    LastRequestTimes,
    LinkRequestPending,
    LinkSent,
    MessageAsked,
    NoLinkSent,
    PasswordChanged,
)
from core.forms import errors
from core.policy.calendar import CalendarOperation
from core.ports import Actor, Event, EventType, RecoveryCase, Transaction, Voter
from core.security.tokens import new_case_handle
from core.text.text import Text, TimeOfDay

T = TypeVar("T")


@dataclass(eq=False)
class RecoveryMailRequests:
    dependencies: Dependencies
    authorisation: Authorisation
    flow: ClassVar[str] = SLUG
    requests: PasswordLinkRequests
    verification: CallerVerification

    def request_mail(self, session: AgentSession, caller: VerifiedCaller) -> str:
        """Request a recovery email and return the new case number.

        Raises CallerNotVerified, VoterNotOnRoll, AccountFrozenForDesk, MailRequestedTooSoon, NotYetOpen, VoteClosed,
        AgentSessionOver, ActionNotAllowed.
        """

        def request(transaction: Transaction, now: datetime) -> str:
            voter = self._admitted(transaction, caller.voter)
            self._require_pause_over(transaction.recoveries.latest(voter.id, SLUG), now)
            asking = self.requests.times_of_new_link_request(now)
            state = LinkRequestPending(typed=voter.email, address=voter.email, asking=asking)
            # No browser uses this handle, because the voter opens the link in the email.
            handle = new_case_handle(self.dependencies.entropy)
            case = self.dependencies.add_case(transaction, state, flow=SLUG, handle=handle, voter=voter.id)
            self._queue(transaction, session, case, state, voter.id)
            return case.number

        return self._request(session, caller, request)

    def send_again(self, session: AgentSession, caller: VerifiedCaller, case_number: str) -> None:
        """Request another recovery email for a case.

        Raises CaseUnknown, NothingToSendAgain and the errors of `request_mail`.
        """

        def send_again(transaction: Transaction, now: datetime) -> None:
            case = transaction.recoveries.by_number(case_number)
            if case is None or transaction.recoveries.voter_of(case_number) != caller.voter:
                raise errors.CaseUnknown
            self._admitted(transaction, caller.voter)
            self._require_pause_over(case, now)
            former = _request_window(case)
            language = None if former is None else former.language
            state = state_after_new_request(case.state, self.requests.times_of_new_link_request(now, language))
            if state is None:
                raise errors.NothingToSendAgain
            transaction.recoveries.update_state(case, state, voter=caller.voter)
            self._queue(transaction, session, case, state, caller.voter)

        self._request(session, caller, send_again, case_number)

    def _request(
        self,
        session: AgentSession,
        caller: VerifiedCaller,
        request: Callable[[Transaction, datetime], T],
        case: str | None = None,
    ) -> T:
        self.authorisation.require_caller(session, caller)
        now = self.dependencies.clock.now()
        self.dependencies.require_open(CalendarOperation.ASK_PASSWORD, now, agent=session.name)
        return self.authorisation.write(
            session,
            lambda transaction: request(transaction, now),
            voter=caller.voter,
            case=case,
        )

    def offered_mail_actions(
        self,
        transaction: Transaction,
        session: AgentSession,
        voter: Voter,
        case: RecoveryCase | None,
        caller: VerifiedCaller | None,
    ) -> tuple[AvailableAction, AvailableAction]:
        """Return the two email actions, the suggested one first.

        A frozen account or a pause is given as the reason before a missing verification, which would not help.
        """
        now = self.dependencies.clock.now()
        unverified = self.verification.why_not_act(transaction, session, voter.id, caller)
        blocked = self._common_reason(voter, now) or unverified
        live = case if case is not None and isinstance(case.state, LinkRequestPending | NoLinkSent | LinkSent) else None
        over = case is not None and isinstance(case.state, PasswordChanged)
        nothing_to_send = words.CASE_OVER if over else words.NOT_ASKED
        request_mail = blocked or (words.ASKED_ALREADY if live else self._pause_reason(case, now))
        pause = self._pause_reason(live, now) if blocked in (None, words.VERIFY_FIRST) else None
        again = pause or blocked or (None if live else nothing_to_send)
        first = AvailableAction(DeskAction.START_MAIL, request_mail)
        second = AvailableAction(DeskAction.SEND_AGAIN, again)
        return (second, first) if live else (first, second)

    def _common_reason(self, voter: Voter, now: datetime) -> Text | None:
        if voter.removed is not None:
            return words.GONE
        if voter.frozen is not None:
            return words.IS_FROZEN
        if self.dependencies.calendar.allows(CalendarOperation.ASK_PASSWORD, now):
            return None
        return self.dependencies.closed_refusal(now).title

    def _pause_reason(self, case: RecoveryCase | None, now: datetime) -> Text | None:
        window = _request_window(case)
        if window is None or now >= window.again_from:
            return None
        again_at = TimeOfDay(self.dependencies.calendar.to_local(window.again_from))
        return words.AGAIN_FROM.fill({"again_at": again_at})

    def _admitted(self, transaction: Transaction, voter: int) -> Voter:
        transaction.voters.lock(voter)
        found = require_voter_on_roll(transaction, voter)
        if found.frozen is not None:
            raise errors.AccountFrozenForDesk
        return found

    def _require_pause_over(self, case: RecoveryCase | None, now: datetime) -> None:
        window = _request_window(case)
        if window is not None and now < window.again_from:
            raise errors.MailRequestedTooSoon(until=self.dependencies.calendar.to_local(window.again_from))

    def _queue(
        self, transaction: Transaction, session: AgentSession, case: RecoveryCase, state: MessageAsked, voter: int
    ) -> None:
        at, agent = state.asking.at, session.name
        event = Event(at=at, actor=Actor.AGENT, act=EventType.ASKED, agent=agent, voter=voter, case=case.number)
        self.requests.queue_link_request(transaction, state.asking, event)


def _request_window(case: RecoveryCase | None) -> LastRequestTimes | None:
    return case.state.asking if case is not None and isinstance(case.state, MessageAsked) else None
