"""Shows the steps of the ID flow, and handles their forms."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from core.flows.account.voter_space_definition import VOTER_SPACE
from core.flows.dependencies import Dependencies, following_done_act
from core.flows.flow_handler import FlowHandler, StepResult, UnhandledAnswerError, Visit
from core.flows.identifier.confirmation_steps import (
    ConfirmationSteps,
    ConfirmReissueAnswer,
    FollowIdentifierSmsAnswer,
    ResendConfirmationAnswer,
)
from core.flows.identifier.current_step import ReissueStepChooser
from core.flows.identifier.definition import (
    CallWithCodeAnswer,
    ChangePhoneNumberAnswer,
    IdentifierFlow,
    IdentifierFoundAnswer,
    IdentityAnswer,
    RequestReissueAnswer,
    ResendCodeAnswer,
    RestartReissueAnswer,
    ReturnToVoterSpaceAnswer,
    SecurityCodeAnswer,
)
from core.flows.identifier.mailbox_confirmation import MailboxConfirmation
from core.flows.identifier.reissue_requests import IdentifierReissueRequests
from core.flows.identifier.reissue_status import Refused, VoterReissueStatus, read_status, run_if_open
from core.flows.identifier.security_code_check import SecurityCodeChecker
from core.flows.identifier.states import CodeQueued, CodeSent, ConfirmationAwaited, State, UnderWay
from core.flows.password.definition import IDENTIFY
from core.flows.sign_in import VoterSessions
from core.forms import errors
from core.forms.field_parsers import mask_address
from core.forms.flow_model import ShownStep, Step
from core.ports import RecoveryCase, Voter
from core.text.text import N_, Text, TimeOfDay

PAUSED = N_("Après trop de codes faux, une nouvelle demande sera possible à {again_at} (heure de Paris).")
DEAD_LINK = (errors.ConfirmationExpired, errors.ConfirmationReplaced, errors.ConfirmationUnknown, errors.AccountFrozen)
AnswerInOpenElection = (
    RequestReissueAnswer
    | IdentityAnswer
    | SecurityCodeAnswer
    | ResendCodeAnswer
    | CallWithCodeAnswer
    | ResendConfirmationAnswer
)


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifierHandler(FlowHandler):
    steps: IdentifierFlow
    dependencies: Dependencies
    case_steps: ReissueStepChooser
    requests: IdentifierReissueRequests
    code_checker: SecurityCodeChecker
    confirmations: MailboxConfirmation
    sessions: VoterSessions

    def show(self, step: Step, visit: Visit) -> ShownStep:
        if (pages := self._link_pages(step)) is not None:
            return self._link_page(pages, visit)
        shown = self._current_step_of_voter(step, self.sessions.signed_in_voter(visit.session).voter)
        # A form is refused where it is handled, so that the refusal is recorded in the journal.
        # During a pause, the page says until when.
        may_request_later = shown.facts.get("may_request", True) or shown.notices
        if visit.reading and shown.step is self.steps.begin and not may_request_later:
            raise errors.NoReissueLeft(most=self.dependencies.policy.reissues)
        return shown

    def _link_pages(self, step: Step) -> ConfirmationSteps | None:
        pages = self.steps.confirmation
        return pages if pages is not None and (step is pages.confirm or step is pages.confirmed) else None

    def _link_page(self, pages: ConfirmationSteps, visit: Visit) -> ShownStep:
        try:
            link, state = self.confirmations.find_working(visit.confirmation)
        except errors.ConfirmationUsed:
            return ShownStep(step=pages.confirmed, case=self.confirmations.find(visit.confirmation).case.number)
        facts = {**self.case_steps.confirmation_facts(state), "masked_address": mask_address(link.voter.email)}
        notices = self.sessions.notices_of_other_session(pages.signed_in_as_another, link.voter, visit)
        return ShownStep(step=pages.confirm, facts=facts, case=link.case.number, notices=notices)

    def _current_step_of_voter(self, step: Step, voter: Voter) -> ShownStep:
        now, status = self.dependencies.clock.now(), self._status(voter.id)
        case, allowance = status.case, status.allowance
        starts_new_request = step is self.steps.begin and not (case and isinstance(case.state, UnderWay))
        if case is None or not isinstance(case.state, State) or starts_new_request:
            shown = self.case_steps.show_request_step(allowance)
        else:
            shown = self.case_steps.step_for(case.state, case.number, allowance, now=now)
        return replace(shown, notices=self._pause_notices(status)) if shown.step is self.steps.begin else shown

    def pause_notices(self, voter: Voter) -> tuple[Text, ...]:
        """Return a notice if the voter must wait after too many wrong codes."""
        return self._pause_notices(self._status(voter.id))

    def _pause_notices(self, status: VoterReissueStatus) -> tuple[Text, ...]:
        pause = status.attempts.paused_until
        if pause is None or status.allowance.reissues_left == 0:
            return ()
        return (PAUSED.fill({"again_at": TimeOfDay(self.dependencies.calendar.to_local(pause))}),)

    def current_step(self, case: RecoveryCase) -> ShownStep:
        state = case.state
        assert isinstance(state, State)  # noqa: S101  # guaranteed by the store
        allowance = self._status(state.voter).allowance
        return self.case_steps.step_for(state, case.number, allowance, now=self.dependencies.clock.now())

    def sentence_values_of_voter(self, voter: Voter) -> Mapping[str, object]:
        status = self._status(voter.id)
        allowance, state = status.allowance, None if status.case is None else status.case.state
        return {
            **self.case_steps.show_request_step(allowance).facts,
            "may_resume": self._awaits_voter(state),
            "identifier": self.case_steps.identifier_sentence(state),
        }

    def _awaits_voter(self, state: object) -> bool:
        """Return True if a security code or a confirmation can still be entered or is about to be sent."""
        now = self.dependencies.clock.now()
        match state:
            case CodeQueued():
                return True
            case CodeSent():
                return now < state.code.valid_until
            case ConfirmationAwaited():
                return self.steps.confirmation is not None and not state.is_lapsed(now)
            case _:
                return False

    def _status(self, voter: int) -> VoterReissueStatus:
        with self.dependencies.store.read() as transaction:
            return read_status(self.dependencies, transaction, voter, self.dependencies.clock.now())

    def answer(self, answer: object, visit: Visit) -> StepResult:
        if isinstance(answer, AnswerInOpenElection | ChangePhoneNumberAnswer):
            voter = self.sessions.signed_in_voter(visit.session).voter
            if isinstance(answer, ChangePhoneNumberAnswer):
                self.requests.change_number(voter, visit.form)
            else:
                try:
                    run_if_open(self.dependencies, lambda now: self._handle_in_open_election(answer, voter, visit, now))
                except errors.Refusal as refusal:
                    left = self._status(voter.id).allowance.reissues_left
                    refusal.facts["kept"] = errors.requests_kept_sentence(left)
                    raise
            with following_done_act():
                return StepResult(self._current_step_of_voter(self.steps.identity, voter).step, visit)
        match answer:
            case RestartReissueAnswer():
                return StepResult(self.steps.begin, visit)
            case ReturnToVoterSpaceAnswer() | IdentifierFoundAnswer():
                return StepResult(VOTER_SPACE.home, visit)
            case ConfirmReissueAnswer() | FollowIdentifierSmsAnswer() if self.steps.confirmation is not None:
                return self._answer_on_link_page(answer, self.steps.confirmation, visit)
            case _:
                raise UnhandledAnswerError(type(answer).__name__)

    def _answer_on_link_page(
        self,
        answer: ConfirmReissueAnswer | FollowIdentifierSmsAnswer,
        pages: ConfirmationSteps,
        visit: Visit,
    ) -> StepResult:
        link, signed_in = self.confirmations.find(visit.confirmation), self.sessions.find_signed_in_voter(visit.session)
        following: Step = IDENTIFY
        if isinstance(answer, ConfirmReissueAnswer):
            run_if_open(self.dependencies, lambda now: self.confirmations.confirm(visit.confirmation, now))
            following = pages.confirmed
        own = signed_in is not None and signed_in.voter.id == link.voter.id
        return StepResult(self.steps.sending if own else following, visit)

    def _handle_in_open_election(
        self, answer: AnswerInOpenElection, voter: Voter, visit: Visit, now: datetime
    ) -> Refused | None:
        match answer:
            case RequestReissueAnswer():
                return self.requests.open_or_resume_case(voter, now)
            case IdentityAnswer():
                return self.requests.check_identity(voter, answer, visit, now)
            case SecurityCodeAnswer():
                return self.code_checker.check_typed_code(voter, answer.code, visit.form, now)
            case ResendCodeAnswer():
                return self.requests.send_again(voter, visit.network, visit.form, now)
            case CallWithCodeAnswer():
                return self.requests.send_again(voter, visit.network, visit.form, now, by_call=True)
            case ResendConfirmationAnswer():
                self.confirmations.ask_again(voter, visit.form, now)
                return None

    def record_refusal(self, step: Step, refusal: errors.Refusal, visit: Visit) -> None:
        """Record in the journal that a form was refused."""
        if self._link_pages(step) is not None and isinstance(refusal, DEAD_LINK):
            self.confirmations.record_refusal(visit.confirmation, refusal)
        else:
            self.dependencies.record_refusal(refusal)
