"""Shows the steps of the MP flow (forgotten password), and handles their forms."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from core.flows.account.voter_space_definition import VOTER_SPACE
from core.flows.address_suggestions import AddressSuggestions
from core.flows.dependencies import Dependencies, following_done_act
from core.flows.flow_handler import FlowHandler, StepResult, UnhandledAnswerError, Visit
from core.flows.password.current_step import message_delay_sentence, step_for, steps_before_link_request
from core.flows.password.definition import (
    AddressAnswer,
    ForgotPasswordAnswer,
    GoToSignInAnswer,
    NewPasswordAnswer,
    PasswordFlow,
    RequestRecoveryMailAnswer,
    ResendRecoveryMailAnswer,
    SignInWithPasswordAnswer,
)
from core.flows.password.link_requests import PasswordLinkRequests
from core.flows.password.password_choice import RecoveryLinks
from core.flows.repeated_forms import opening_digest
from core.flows.sign_in import VoterSessions
from core.forms import errors
from core.forms.field_parsers import ParsedEmailAddress, mask_address
from core.forms.flow_model import FieldRejected, ShownStep, Step
from core.ports import FoundLink, RecoveryCase, Voter
from core.text.text import Moment

DEAD_LINK = (errors.LinkUsed, errors.LinkExpired, errors.LinkReplaced, errors.AccountFrozen)


@dataclass(frozen=True, slots=True)
class PasswordHandler(FlowHandler):
    steps: PasswordFlow
    dependencies: Dependencies
    requests: PasswordLinkRequests
    links: RecoveryLinks
    sessions: VoterSessions
    suggestions: AddressSuggestions

    def show(self, step: Step, visit: Visit) -> ShownStep:
        if step is self.steps.identify:
            return ShownStep(step=step)
        if step is self.steps.choose_password:
            link = self.links.find_link(visit.link)
            if visit.reading and self._was_chosen_here(link, visit):
                return self._done(visit)
            if not self.links.was_password_set_by_form(link, visit.form):
                self.links.require_working(link)
            return self._choose_password(link, visit)
        if step is self.steps.done:
            return self._done(visit)
        if (pending := self.requests.unseal_request(visit.pending)) is not None:
            suggestion = self.suggestions.suggested_address(pending.typed)
            open_steps = steps_before_link_request(
                pending.typed, self.steps, forgotten=pending.forgotten, suggestion=suggestion
            )
            return next((shown for shown in open_steps if shown.step is step), open_steps[0])
        return self._message_asked(visit)

    def _choose_password(self, link: FoundLink, visit: Visit) -> ShownStep:
        # The whole address is for the browser's password manager; the page shows the masked one.
        facts = {"masked_address": mask_address(link.voter.email), "username": link.voter.email}
        notices = self.sessions.notices_of_other_session(self.steps.signed_in_as_another, link.voter, visit)
        return ShownStep(step=self.steps.choose_password, facts=facts, case=link.case.number, notices=notices)

    def _done(self, visit: Visit) -> ShownStep:
        link = self.links.find_link(visit.link)
        if not self._has_chosen(link, visit):
            self.links.require_working(link)
            return self._choose_password(link, visit)
        return ShownStep(
            step=self.steps.done, facts={"masked_address": mask_address(link.voter.email)}, case=link.case.number
        )

    def _has_chosen(self, link: FoundLink, visit: Visit) -> bool:
        """Return whether the password was chosen in this browser."""
        recognised = link.record.used is not None and self.sessions.is_recognised_browser(visit, link.voter)
        return recognised or self._was_chosen_here(link, visit)

    def _was_chosen_here(self, link: FoundLink, visit: Visit) -> bool:
        """Return whether this browser has opened the link and then set the current password."""
        return self.links.was_password_set_by_form(link, opening_digest(self.dependencies.vault, visit))

    def _message_asked(self, visit: Visit) -> ShownStep:
        case = self.dependencies.find_case(visit.case)
        if case is None or case.flow != self.steps.flow.slug:
            return ShownStep(step=self.steps.identify)
        shown = self.current_step(case)
        return shown if shown.step is self.steps.message_asked else ShownStep(step=self.steps.identify)

    def current_step(self, case: RecoveryCase) -> ShownStep:
        now = self.dependencies.clock.now()
        shown = step_for(case.state, case.number, self.steps, self.dependencies.calendar, now=now)  # type: ignore[arg-type]  # the case is of this flow
        if shown.step is not self.steps.message_asked:
            return shown
        with self.dependencies.store.read() as transaction:
            delay = transaction.outbox.oldest_request_delay(now)
        normal = timedelta(minutes=self.dependencies.policy.normal_mail_delay_minutes)
        return replace(shown, facts={**shown.facts, "queue_delay": message_delay_sentence(delay, normal=normal)})

    def sentence_values_of_voter(self, voter: Voter) -> Mapping[str, object]:
        if voter.password_set is None:
            return {}
        return {"changed_at": Moment(self.dependencies.calendar.to_local(voter.password_set))}

    def answer(self, answer: object, visit: Visit) -> StepResult:
        steps = self.steps
        match answer:
            case AddressAnswer():  # the new address replaces the browser's former address or case
                pending = self.requests.seal_request(answer.email)
                return StepResult(steps.choose_way, visit.with_(pending=pending, case=None))
            case SignInWithPasswordAnswer() | ForgotPasswordAnswer() | RequestRecoveryMailAnswer():
                return self._answer_before_case(answer, visit)
            case ResendRecoveryMailAnswer():
                self.requests.request_link_mail_again(visit)
                return StepResult(steps.message_asked, visit)
            case NewPasswordAnswer():
                opening = opening_digest(self.dependencies.vault, visit)
                voter = self.links.choose_password(visit.link, answer.new_password, visit.form, opening, visit.language)
                if visit.session is not None:
                    with following_done_act():
                        visit = self.sessions.sign_out(visit)
                device = self.sessions.make_recognised_browser_mark(voter, self.dependencies.clock.now())
                return StepResult(steps.done, visit.with_(device=device))
            case GoToSignInAnswer():
                link = self.links.find_link(visit.link)
                if not self._has_chosen(link, visit):
                    return StepResult(steps.identify, visit)
                address = ParsedEmailAddress(typed=link.voter.email, key=link.voter.email)
                pending = self.requests.seal_request(address)
                return StepResult(steps.choose_way, visit.with_(pending=pending, case=None, link=None))
            case _:
                raise UnhandledAnswerError(type(answer).__name__)

    def _answer_before_case(
        self, answer: SignInWithPasswordAnswer | ForgotPasswordAnswer | RequestRecoveryMailAnswer, visit: Visit
    ) -> StepResult:
        steps, pending = self.steps, self.requests.unseal_request(visit.pending)
        if pending is None:  # the request has expired since the step was shown
            return StepResult(steps.identify, visit)
        match answer:
            case SignInWithPasswordAnswer():
                signed_in = self.sessions.sign_in(pending.address, answer.password, visit)
                device = None if answer.shared else signed_in.device
                return StepResult(VOTER_SPACE.home, signed_in.with_(pending=None, device=device))
            case ForgotPasswordAnswer():
                address = ParsedEmailAddress(typed=pending.typed, key=pending.address)
                sealed = self.requests.seal_request(address, forgotten=True, handle=pending.handle)
                return StepResult(steps.confirm, visit.with_(pending=sealed))
            case RequestRecoveryMailAnswer():
                self.requests.request_link_mail(pending, visit)
                return StepResult(steps.message_asked, visit.with_(pending=None, case=pending.handle))

    def record_unreadable_fields(self, step: Step, problems: Mapping[str, FieldRejected], visit: Visit) -> None:
        if step is self.steps.choose_password:
            link = self.links.find_working(visit.link)
            for rejected in problems.values():
                self.links.record_refused_password(link, rejected.id)

    def record_refusal(self, step: Step, refusal: errors.Refusal, visit: Visit) -> None:
        """Record in the journal that a form was refused."""
        if step is self.steps.choose_password and isinstance(refusal, DEAD_LINK):
            self.links.record_refused_password(self.links.find_link(visit.link), refusal.id)
        elif not isinstance(refusal, errors.AccountFrozen):
            self.dependencies.record_refusal(refusal)
