"""The pages of the mail's link (ID-9, ID-10): shown to whoever holds it, on any device, signed in or not."""

from dataclasses import dataclass

from core.flows.flow_handler import BrowserTokens, NextStepAndBrowserTokens
from core.flows.identifier.current_step import ReissueStepChooser
from core.flows.identifier.mailbox_confirmation import MailboxConfirmation
from core.flows.identifier.mailbox_confirmation_step_definitions import (
    ConfirmationSteps,
    ConfirmReissueAnswer,
    FollowIdentifierSmsAnswer,
)
from core.flows.sign_in import VoterSignInAndOut
from core.forms import errors
from core.forms.errors import Refusal
from core.forms.field_parsers import mask_address
from core.forms.flow_model import ShownStep, Step
from core.ports import Voter
from core.text.text import Text

DEAD_LINK = (errors.ConfirmationExpired, errors.ConfirmationReplaced, errors.ConfirmationUnknown, errors.AccountFrozen)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmationPages:
    """Shows the pages of the mail's link and acts on their answers."""

    steps: ConfirmationSteps
    sending: Step
    entrance: Step
    """The first step for a browser without a session."""
    case_steps: ReissueStepChooser
    confirmations: MailboxConfirmation
    sessions: VoterSignInAndOut

    def is_page_of_link(self, step: Step) -> bool:
        """Tell whether a step is a page of the link."""
        return step is self.steps.confirm or step is self.steps.confirmed

    def show(self, visit: BrowserTokens) -> ShownStep:
        """Show the confirmation, or that it is done. Raises the refusals of a link."""
        try:
            held, state = self.confirmations.find_working(visit.confirmation)
        except errors.ConfirmationUsed:
            case = self.confirmations.find(visit.confirmation).case
            return ShownStep(step=self.steps.confirmed, case=case.number)
        facts = {**self.case_steps.confirmation_facts(state), "masked_address": mask_address(held.voter.email)}
        notices = self._notices(held.voter, visit)
        return ShownStep(step=self.steps.confirm, facts=facts, case=held.case.number, notices=notices)

    def _notices(self, voter: Voter, visit: BrowserTokens) -> tuple[Text, ...]:
        other = self.sessions.find_signed_in_voter(visit.session)
        if other is None or other.voter.id == voter.id:
            return ()
        addresses = {"masked_address": mask_address(voter.email), "other_address": mask_address(other.voter.email)}
        return (self.steps.signed_in_as_another.fill(addresses),)

    def answer(
        self, answer: ConfirmReissueAnswer | FollowIdentifierSmsAnswer, visit: BrowserTokens
    ) -> NextStepAndBrowserTokens:
        """Do what was answered. The browser of the voter's own session goes on there. Raises Refusal."""
        held = self.confirmations.find(visit.confirmation)
        signed_in = self.sessions.find_signed_in_voter(visit.session)
        own = signed_in is not None and signed_in.voter.id == held.voter.id
        match answer:
            case ConfirmReissueAnswer():
                self.confirmations.confirm(visit.confirmation)
                return NextStepAndBrowserTokens(self.sending if own else self.steps.confirmed, visit)
            case FollowIdentifierSmsAnswer():
                return NextStepAndBrowserTokens(self.sending if own else self.entrance, visit)

    def record_refusal(self, refusal: Refusal, visit: BrowserTokens) -> None:
        """Record a confirmation that came on a dead link with its case; other refusals were recorded where decided."""
        if isinstance(refusal, DEAD_LINK):
            self.confirmations.record_refusal(visit.confirmation, refusal)
        else:
            self.confirmations.context.dependencies.record_refusal(refusal)
