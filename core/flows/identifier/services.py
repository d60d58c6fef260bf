"""The re-issue of a voting identifier, wired for one election."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property

from core.flows.account.voter_space import space_flow
from core.flows.flow_services import EXAMPLE_CASE, FlowContribution, LinkRoute
from core.flows.identifier import example_reissue, states
from core.flows.identifier.code_answers import CodeAnswers
from core.flows.identifier.code_delivery import CodeDelivery
from core.flows.identifier.code_sending import CodeSender, QueuedCodes
from core.flows.identifier.confirmation_pages import ConfirmationPages
from core.flows.identifier.context import ReissueContext
from core.flows.identifier.current_step import ReissueSteps
from core.flows.identifier.definition import SLUG, IdentifierFlow, identifier_flow
from core.flows.identifier.handler import IdentifierHandler
from core.flows.identifier.identifier_delivery import IdentifierDelivery
from core.flows.identifier.key_reseal import ReissueResealing
from core.flows.identifier.mailbox_confirmation import MailboxConfirmation
from core.flows.identifier.messages import IdentifierMessages
from core.flows.identifier.platform_adoption import PlatformAdoption
from core.flows.identifier.reissue_order import ReissueOrders
from core.flows.identifier.reissue_progress import ReissueProgress
from core.flows.identifier.requests import ReissueUntilCode
from core.flows.identifier.scenarios import SCENARIOS
from core.flows.identifier.sms_events import SmsEvents
from core.flows.identifier.sms_messages import SmsMessages
from core.flows.identifier.timeline import TIMELINE
from core.flows.message_handlers import MailTemplate, OutboxMessageHandler
from core.flows.password.services import PasswordServices
from core.forms.model import Flow, ShownStep
from core.policy.policy import Policy
from core.policy.urls import CONFIRM_PATH
from core.ports import MessageKind


class IdentifierServices(FlowContribution):
    """The services of ID, by which a signed-in voter proves who they are and gets a new identifier by SMS."""

    slug = SLUG
    states = states.State
    timeline = TIMELINE
    scenarios = SCENARIOS

    @classmethod
    def define(cls, policy: Policy) -> Flow:
        """Return the flow under that policy."""
        return identifier_flow(policy).flow

    @cached_property
    def steps(self) -> IdentifierFlow:
        """The definition under this election's policy."""
        return identifier_flow(self.dependencies.policy)

    @cached_property
    def context(self) -> ReissueContext:
        """The parts that the use cases share."""
        return ReissueContext(self.dependencies, self.slug)

    @cached_property
    def current_step(self) -> ReissueSteps:
        """The chooser of the step that a case shows."""
        return ReissueSteps(self.steps, self.dependencies.policy, self.dependencies.calendar)

    @cached_property
    def sms_messages(self) -> SmsMessages:
        """The composer of the SMS."""
        return SmsMessages(self.dependencies, self.steps)

    @cached_property
    def completion(self) -> ReissueProgress:
        """The use cases that complete a re-issue."""
        return ReissueProgress(self.context)

    @cached_property
    def answers(self) -> CodeAnswers:
        """The use cases that check security codes."""
        return CodeAnswers(self.context, self.flows.budgets)

    @cached_property
    def sender(self) -> CodeSender:
        """The use case that sends security codes."""
        return CodeSender(self.context, self.sms_messages, self.flows.budgets)

    @cached_property
    def sms_events(self) -> SmsEvents:
        """The receiver of operators' reports and voters' answers."""
        return SmsEvents(self.completion, self.answers)

    @cached_property
    def handler(self) -> IdentifierHandler:
        """The handler of the flow's steps."""
        return IdentifierHandler(
            steps=self.steps,
            space=space_flow().home,
            case_steps=self.current_step,
            context=self.context,
            askings=ReissueUntilCode(self.context, self.sender),
            answers=self.answers,
            confirmation=self.confirmation,
            sessions=self.flows.sessions,
        )

    @cached_property
    def confirmation(self) -> ConfirmationPages | None:
        """The pages of the mail's link, where the policy asks for a confirmation."""
        if self.steps.confirmation is None:
            return None
        return ConfirmationPages(
            steps=self.steps.confirmation,
            sending=self.steps.sending,
            entrance=self.flows[PasswordServices].steps.identify,
            case_steps=self.current_step,
            confirmations=MailboxConfirmation(ReissueOrders(self.context)),
            sessions=self.flows.sessions,
        )

    @property
    def link_routes(self) -> tuple[LinkRoute, ...]:
        """The link of the mail leads to the confirmation."""
        pages = self.confirmation
        if pages is None:
            return ()
        return (
            LinkRoute(
                path=CONFIRM_PATH,
                step=pages.steps.confirm,
                keep=lambda visit, token: visit.with_(confirmation=token),
                observe=pages.confirmations.open,
            ),
        )

    @property
    def mail_templates(self) -> Mapping[str, MailTemplate]:
        """The mail to confirm, and the notices of a request and of an SMS that cannot have arrived."""
        return IdentifierMessages(self.dependencies, self.steps, self.current_step).mail_templates_by_kind

    @property
    def outbox_work(self) -> Mapping[str, OutboxMessageHandler]:
        """The handlers of waiting codes, codes, identifiers and freezes in the outbox."""
        platform = self.flows.platform()
        delivery = IdentifierDelivery(
            dependencies=self.dependencies,
            platform=platform.api,
            key=platform.key,
            pseudonyms=platform.pseudonyms,
            sms_messages=self.sms_messages,
            completion=self.completion,
        )
        return {
            MessageKind.QUEUED_CODE: QueuedCodes(self.sender),
            MessageKind.CODE: CodeDelivery(self.context, self.flows.budgets),
            MessageKind.IDENTIFIER: delivery,
            MessageKind.HOLD: delivery,
        }

    def example_steps(self, asked: datetime) -> Iterable[ShownStep]:
        """The steps that the help's fictional voter is shown."""
        return example_reissue.example_steps(self.current_step, self.dependencies.policy, EXAMPLE_CASE, asked)

    def example_refusals(self, asked: datetime) -> Mapping[str, Mapping[str, object]]:
        """The values that refusals print for that voter."""
        return example_reissue.example_refusals(self.dependencies.policy, asked)

    def follow_platform(self, voter: int, generation: int) -> str | None:
        """Make the record of a voter's re-issues that of the platform."""
        return PlatformAdoption(self.context).follow(voter, generation)

    def reseal(self) -> None:
        """Seal the phone numbers of cases with the present key."""
        ReissueResealing(self.context).reseal()
