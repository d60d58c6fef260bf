from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property

from core.flows.contact_desk import states
from core.flows.contact_desk.answer_time_choices import AnswerTimeChoice, answer_window
from core.flows.contact_desk.contact_request_processing import ContactRequestProcessor
from core.flows.contact_desk.contact_requests import ContactRequests, contact_request_page
from core.flows.contact_desk.definition import SLUG, ContactFlow
from core.flows.contact_desk.handler import ContactHandler
from core.flows.contact_desk.picture_scenarios import SCENARIOS
from core.flows.contact_desk.states import ContactRequestContent, ContactRequestPending
from core.flows.contact_desk.written_answer_catalogue import written_answer_timeline_texts
from core.flows.flow_messages import MailTemplate, OutboxMessageProcessor
from core.flows.flow_plugin import EXAMPLE_CASE, FlowPlugin
from core.flows.password.definition import EXAMPLE_ADDRESS
from core.forms.flow_model import ShownStep
from core.ports import EventType, MessageKind
from core.text.faces.call_sentences import ContactReason
from core.text.faces.timeline_sentences import TimelineTexts, neutral_line
from core.text.text import N_, Language


class ContactFlowPlugin(FlowPlugin):
    slug = SLUG
    states = states.State
    scenarios = SCENARIOS
    timeline = TimelineTexts(
        events={EventType.ANSWERED_IN_WRITING: neutral_line(N_("{agent} répond par écrit."))},
        reasons={EventType.ANSWERED_IN_WRITING: written_answer_timeline_texts()},
    )
    define = staticmethod(ContactFlow)
    steps: ContactFlow

    @cached_property
    def handler(self) -> ContactHandler:
        return ContactHandler(self.steps, self.dependencies, ContactRequests(self.dependencies))

    @cached_property
    def contact_request_processor(self) -> ContactRequestProcessor:
        return ContactRequestProcessor(self.dependencies, self.steps)

    @property
    def mail_templates(self) -> Mapping[str, MailTemplate]:
        mails = self.contact_request_processor
        return {MessageKind.CONTACT_NOTED: mails.acknowledgement, MessageKind.CONTACT_ANSWER: mails.written_answer}

    @property
    def outbox_handlers(self) -> Mapping[str, OutboxMessageProcessor]:
        return {MessageKind.CONTACT: self.contact_request_processor}

    def help_example_steps(self, asked_at: datetime) -> Iterable[ShownStep]:
        rules = self.dependencies
        window = answer_window(rules.policy, rules.calendar, AnswerTimeChoice.WRITING, asked_at)
        terms = ContactRequestContent(
            reason=ContactReason.MAIL_MISSING,
            way=window.way,
            asked=asked_at,
            due=window.begins,
            until=window.ends,
            language=Language.FRENCH,
        )
        state = ContactRequestPending(typed=EXAMPLE_ADDRESS, address=EXAMPLE_ADDRESS, terms=terms)
        return (contact_request_page(state, EXAMPLE_CASE, self.steps, rules.calendar),)
