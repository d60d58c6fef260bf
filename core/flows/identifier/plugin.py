"""The re-issue of a voting identifier, wired for one election."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property

from core.flows.account.voter_space_definition import voter_space_flow
from core.flows.easy_to_read_guide import EasyToReadGuide
from core.flows.flow_mails_and_outbox_processors import MailTemplate, OutboxMessageProcessor
from core.flows.flow_plugin import EXAMPLE_CASE, FlowPlugin, MessageLinkRoute
from core.flows.identifier import help_example_reissue, states
from core.flows.identifier.code_sending import CodeSender, QueuedCodeSender
from core.flows.identifier.code_sms_recipient_decryption import CodeSmsRecipientDecrypter
from core.flows.identifier.confirmation_pages import ConfirmationPages
from core.flows.identifier.current_step import ReissueStepChooser
from core.flows.identifier.definition import SLUG, IdentifierFlow, identifier_flow
from core.flows.identifier.easy_to_read_guide import identifier_easy_to_read_guide
from core.flows.identifier.handler import IdentifierHandler
from core.flows.identifier.identifier_issuing import IdentifierIssuer
from core.flows.identifier.mailbox_confirmation import MailboxConfirmation
from core.flows.identifier.phone_number_reencryption import reencrypt_phone_numbers
from core.flows.identifier.picture_scenarios import SCENARIOS
from core.flows.identifier.platform_state_adoption import PlatformStateAdoption
from core.flows.identifier.reissue_completion import ReissueCompletion
from core.flows.identifier.reissue_mails import ReissueMailWriter
from core.flows.identifier.reissue_requests import IdentifierReissueRequests
from core.flows.identifier.reissue_timeline_sentences import TIMELINE
from core.flows.identifier.security_code_check import SecurityCodeChecker
from core.flows.identifier.shared_reissue_rules import SharedReissueRules
from core.flows.identifier.sms_messages import SmsComposer
from core.flows.identifier.sms_reports_and_answers import IdentifierSmsReceiver
from core.flows.password.plugin import PasswordFlowPlugin
from core.forms.flow_model import ShownStep
from core.policy.urls import CONFIRM_PATH
from core.ports import MessageKind


class IdentifierFlowPlugin(FlowPlugin):
    """The services of ID, by which a signed-in voter proves who they are and gets a new identifier by SMS."""

    slug = SLUG
    states = states.State
    timeline = TIMELINE
    scenarios = SCENARIOS
    define = staticmethod(identifier_flow)
    steps: IdentifierFlow

    @cached_property
    def context(self) -> SharedReissueRules:
        """The parts that the use cases share."""
        return SharedReissueRules(self.dependencies, self.slug)

    @cached_property
    def current_step(self) -> ReissueStepChooser:
        """The chooser of the step that a case shows."""
        return ReissueStepChooser(self.steps, self.dependencies.policy, self.dependencies.calendar)

    @cached_property
    def sms_messages(self) -> SmsComposer:
        """The composer of the SMS."""
        return SmsComposer(self.dependencies, self.steps)

    @cached_property
    def reissue_completion(self) -> ReissueCompletion:
        """The use cases that complete a re-issue."""
        return ReissueCompletion(self.context)

    @cached_property
    def code_checker(self) -> SecurityCodeChecker:
        """The use cases that check security codes."""
        return SecurityCodeChecker(self.context, self.flows.budgets)

    @cached_property
    def code_sender(self) -> CodeSender:
        """The use case that sends security codes."""
        return CodeSender(self.context, self.sms_messages, self.flows.budgets)

    @cached_property
    def sms_event_receiver(self) -> IdentifierSmsReceiver:
        """The receiver of operators' reports and voters' answers."""
        return IdentifierSmsReceiver(self.reissue_completion, self.code_checker)

    @cached_property
    def handler(self) -> IdentifierHandler:
        """The handler of the flow's steps."""
        return IdentifierHandler(
            steps=self.steps,
            dependencies=self.dependencies,
            space=voter_space_flow().home,
            case_steps=self.current_step,
            context=self.context,
            askings=IdentifierReissueRequests(self.context, self.code_sender),
            answers=self.code_checker,
            confirmation=self.confirmation,
            sessions=self.flows.sign_in_sessions,
        )

    @cached_property
    def confirmation(self) -> ConfirmationPages | None:
        """The pages of the mail's link, where the policy asks for a confirmation."""
        if self.steps.confirmation is None:
            return None
        return ConfirmationPages(
            steps=self.steps.confirmation,
            sending=self.steps.sending,
            entrance=self.flows[PasswordFlowPlugin].steps.identify,
            case_steps=self.current_step,
            confirmations=MailboxConfirmation(self.reissue_completion),
            sessions=self.flows.sign_in_sessions,
        )

    @property
    def message_link_routes(self) -> tuple[MessageLinkRoute, ...]:
        """The link of the mail leads to the confirmation."""
        pages = self.confirmation
        if pages is None:
            return ()
        return (
            MessageLinkRoute(
                path=CONFIRM_PATH,
                step=pages.steps.confirm,
                keep=lambda visit, token: visit.with_(confirmation=token),
                observe=pages.confirmations.record_first_opening,
            ),
        )

    @property
    def mail_templates(self) -> Mapping[str, MailTemplate]:
        """The mail to confirm, and the notices of a request and of an SMS that cannot have arrived."""
        return ReissueMailWriter(self.dependencies, self.steps, self.current_step).mail_templates_by_kind

    @property
    def outbox_handlers(self) -> Mapping[str, OutboxMessageProcessor]:
        """The handlers of waiting codes, codes, identifiers and freezes in the outbox."""
        platform = self.flows.platform()
        delivery = IdentifierIssuer(
            dependencies=self.dependencies,
            platform=platform.api,
            key=platform.key,
            pseudonyms=platform.pseudonyms,
            sms_messages=self.sms_messages,
            completion=self.reissue_completion,
        )
        return {
            MessageKind.QUEUED_CODE: QueuedCodeSender(self.code_sender),
            MessageKind.CODE: CodeSmsRecipientDecrypter(self.context, self.flows.budgets),
            MessageKind.IDENTIFIER: delivery,
            MessageKind.HOLD: delivery,
        }

    @property
    def easy_to_read_guide(self) -> EasyToReadGuide:
        """The easy-to-read guide to a new identifier."""
        return identifier_easy_to_read_guide(self.steps, self.dependencies.policy)

    def help_example_steps(self, asked_at: datetime) -> Iterable[ShownStep]:
        """The steps that the help's fictional voter is shown."""
        return help_example_reissue.help_example_steps(self.current_step, EXAMPLE_CASE, asked_at)

    def help_example_refusal_facts(self, asked_at: datetime) -> Mapping[str, Mapping[str, object]]:
        """The values that refusals print for that voter."""
        return help_example_reissue.help_example_refusal_facts(self.dependencies.policy, asked_at)

    def adopt_platform_generation(self, voter: int, generation: int) -> str | None:
        """Make the record of a voter's re-issues that of the platform."""
        return PlatformStateAdoption(self.context).adopt_generation(voter, generation)

    def reencrypt_stored_values(self) -> None:
        """Encrypt the phone numbers of cases with the present key."""
        reencrypt_phone_numbers(self.dependencies, self.slug)
