from collections.abc import Mapping
from dataclasses import dataclass

from core.flows.account.voter_space_definition import (
    ResumeRequestAnswer,
    SignOutAnswer,
    StartIdentifierRequestAnswer,
    StartPasswordChangeAnswer,
    VoterSpaceFlow,
)
from core.flows.dependencies import Dependencies
from core.flows.flow_handler import FlowHandler, StepResult, UnhandledAnswerError, Visit
from core.flows.identifier.handler import IdentifierHandler
from core.flows.password.handler import PasswordHandler
from core.flows.phase_notice import vote_dates_sentence
from core.flows.sign_in import VoterSessions
from core.forms.field_parsers import ParsedEmailAddress, mask_address
from core.forms.flow_model import ShownStep, Step
from core.ports import Voter
from core.text.text import Moment, TimeOfDay


@dataclass(frozen=True, slots=True)
class VoterSpaceHandler(FlowHandler):
    steps: VoterSpaceFlow
    dependencies: Dependencies
    password: PasswordHandler
    identifier: IdentifierHandler
    sessions: VoterSessions

    def show(self, step: Step, visit: Visit) -> ShownStep:
        """Return the page of a signed-in voter. Raises SignInNeeded."""
        if self.sessions.has_form_signed_out_before(visit):
            return ShownStep(step=step)
        signed, local = self.sessions.signed_in_voter(visit.session), self.dependencies.calendar.to_local
        facts = {
            "first_name": signed.voter.first_name,
            "last_name": signed.voter.last_name,
            "masked_address": mask_address(signed.voter.email),
            "session_until": TimeOfDay(local(signed.record.expires)),
            **self.sentence_values_of_voter(signed.voter),
        }
        return ShownStep(step=step, facts=facts, notices=self.identifier.pause_notices(signed.voter))

    def sentence_values_of_voter(self, voter: Voter) -> Mapping[str, object]:
        at, calendar = voter.password_set, self.dependencies.calendar
        password = {} if at is None else {"password_set": Moment(calendar.to_local(at))}
        identifier = self.identifier.sentence_values_of_voter(voter)
        dates = vote_dates_sentence(calendar, self.dependencies.clock.now())
        return {
            "vote_dates": dates,
            **password,
            **{name: identifier[name] for name in ("identifier", "reissues", "may_request", "may_resume")},
        }

    def answer(self, answer: object, visit: Visit) -> StepResult:
        match answer:
            case StartPasswordChangeAnswer():
                address = self.sessions.signed_in_voter(visit.session).voter.email
                typed = ParsedEmailAddress(typed=address, key=address)
                pending = self.password.requests.seal_request(typed, forgotten=True)
                return StepResult(self.password.steps.confirm, visit.with_(pending=pending, case=None))
            case ResumeRequestAnswer():
                return StepResult(self.identifier.steps.code, visit)
            case StartIdentifierRequestAnswer():
                return StepResult(self.identifier.steps.begin, visit)
            case SignOutAnswer():
                return StepResult(self.password.steps.identify, self.sessions.sign_out(visit))
            case _:
                raise UnhandledAnswerError(type(answer).__name__)
