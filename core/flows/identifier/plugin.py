from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cached_property

from core.flows.easy_to_read import EasyToReadGuide
from core.flows.flow_messages import MailTemplate, OutboxMessageProcessor
from core.flows.flow_plugin import EXAMPLE_CASE, FlowPlugin, MessageLinkRoute
from core.flows.identifier import states
from core.flows.identifier.code_sending import CodeSender, CodeSmsRecipientDecrypter, QueuedCodeProcessor
from core.flows.identifier.current_step import ReissueStepChooser
from core.flows.identifier.definition import EXAMPLE_PHONE, SLUG, IdentifierFlow
from core.flows.identifier.easy_to_read import identifier_easy_to_read_guide
from core.flows.identifier.handler import IdentifierHandler
from core.flows.identifier.identifier_issuing import IdentifierIssuer
from core.flows.identifier.mailbox_confirmation import MailboxConfirmation
from core.flows.identifier.phone_number_reencryption import reencrypt_phone_numbers
from core.flows.identifier.picture_scenarios import SCENARIOS
from core.flows.identifier.platform_freezes import PlatformFreezeUpdater
from core.flows.identifier.platform_state_adoption import PlatformStateAdoption
from core.flows.identifier.reissue_completion import ReissueCompletion
from core.flows.identifier.reissue_mails import ReissueMailWriter
from core.flows.identifier.reissue_requests import IdentifierReissueRequests
from core.flows.identifier.reissue_timeline_sentences import TIMELINE
from core.flows.identifier.security_code_check import SecurityCodeChecker
from core.flows.identifier.sent_security_code import ResendLimits, SealedPhoneNumber
from core.forms.flow_model import ShownStep
from core.ports import IncomingSmsOutcome, MessageKind, SmsDeliveryStatus, Transaction
from core.text.urls import CONFIRM_PATH

EXAMPLE_NUMBER = SealedPhoneNumber(sealed=b"", digest=b"", ending=EXAMPLE_PHONE[-2:], region="FR")


class IdentifierFlowPlugin(FlowPlugin):
    slug = SLUG
    states = states.State
    timeline = TIMELINE
    scenarios = SCENARIOS
    define = staticmethod(IdentifierFlow)
    steps: IdentifierFlow

    @cached_property
    def current_step(self) -> ReissueStepChooser:
        return ReissueStepChooser(self.steps, self.dependencies.policy, self.dependencies.calendar)

    @cached_property
    def code_checker(self) -> SecurityCodeChecker:
        return SecurityCodeChecker(self.dependencies, self.completion, self.flows.budgets)

    @cached_property
    def completion(self) -> ReissueCompletion:
        return ReissueCompletion(self.dependencies)

    @cached_property
    def code_sender(self) -> CodeSender:
        return CodeSender(self.dependencies, self.flows.budgets)

    def receive_delivery_report(
        self, message_id: str, delivery: SmsDeliveryStatus, note: Callable[[Transaction], object]
    ) -> bool:
        return self.completion.receive_delivery_report(message_id, delivery, note)

    def receive_sms_answer(self, phone: str, text: str) -> IncomingSmsOutcome:
        return self.code_checker.receive_sms_answer(phone, text)

    @cached_property
    def handler(self) -> IdentifierHandler:
        return IdentifierHandler(
            steps=self.steps,
            dependencies=self.dependencies,
            case_steps=self.current_step,
            requests=IdentifierReissueRequests(self.dependencies, self.code_sender),
            code_checker=self.code_checker,
            confirmations=MailboxConfirmation(self.dependencies, self.completion),
            sessions=self.flows.sign_in_sessions,
        )

    @property
    def message_link_routes(self) -> tuple[MessageLinkRoute, ...]:
        pages = self.steps.confirmation
        if pages is None:
            return ()
        return (
            MessageLinkRoute(
                path=CONFIRM_PATH,
                step=pages.confirm,
                keep=lambda visit, token: visit.with_(confirmation=token),
                observe=self.handler.confirmations.record_first_opening,
            ),
        )

    @property
    def mail_templates(self) -> Mapping[str, MailTemplate]:
        mails = ReissueMailWriter(self.dependencies, self.steps, self.current_step)
        return {
            MessageKind.CONFIRMATION: mails.confirmation,
            MessageKind.REISSUED: mails.reissued,
            MessageKind.UNDELIVERED: mails.undelivered,
        }

    @property
    def outbox_handlers(self) -> Mapping[str, OutboxMessageProcessor]:
        used, completion, platform = self.dependencies, self.completion, self.flows.platform()
        return {
            MessageKind.QUEUED_CODE: QueuedCodeProcessor(self.dependencies, self.code_sender),
            MessageKind.CODE: CodeSmsRecipientDecrypter(self.dependencies, self.code_sender),
            MessageKind.CALL: CodeSmsRecipientDecrypter(self.dependencies, self.code_sender),
            MessageKind.IDENTIFIER: IdentifierIssuer(dependencies=used, completion=completion, platform=platform),
            MessageKind.HOLD: PlatformFreezeUpdater(dependencies=used, completion=completion, platform=platform),
        }

    @property
    def easy_to_read_guide(self) -> EasyToReadGuide:
        return identifier_easy_to_read_guide(self.steps, self.dependencies.policy)

    def help_example_steps(self, asked_at: datetime) -> Iterator[ShownStep]:
        chooser, policy, confirmation = self.current_step, self.dependencies.policy, self.steps.confirmation
        full = chooser.whole_allowance
        # A request counts from the acceptance of the code, and no longer counts if the SMS is not delivered.
        reduced = replace(full, reissues_left=full.reissues_left - 1)
        opened = states.ReissueOpened(voter=0, epoch=0)
        code_sent = opened.queue_code(EXAMPLE_NUMBER, "", asked_at).send(asked_at, ResendLimits.of_code(policy))
        ordered = code_sent.accept_code(asked_at)
        sent = ordered.put_in_force(1, asked_at).hand_to_gateway(asked_at)
        failed = sent.mark_undelivered(asked_at, given_back=True)
        yield chooser.show_request_step(full)
        if confirmation is not None:
            awaited = code_sent.await_confirmation(asked_at, ResendLimits.of_confirmation(policy))
            yield chooser.step_for(awaited, EXAMPLE_CASE, full, now=asked_at)
            for step in (confirmation.mail, confirmation.confirm, confirmation.confirmed):
                yield ShownStep(step=step, facts=chooser.confirmation_facts(awaited), case=EXAMPLE_CASE)
        for state, allowance in (
            (opened, full),
            (code_sent, full),
            (ordered, reduced),
            (sent, reduced),
            (failed, full),
        ):
            yield chooser.step_for(state, EXAMPLE_CASE, allowance, now=asked_at)

    def adopt_platform_generation(self, voter: int, generation: int, since: datetime) -> str | None:
        return PlatformStateAdoption(self.dependencies).adopt_generation(voter, generation, since)

    def reencrypt_stored_values(self) -> None:
        reencrypt_phone_numbers(self.dependencies, self.slug)
