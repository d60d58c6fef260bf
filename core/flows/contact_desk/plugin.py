"""The request to the desk, wired for one election."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import cached_property

from core.flows.contact_desk import states
from core.flows.contact_desk.answer_times import AnswerTime, answer_window
from core.flows.contact_desk.contact_requests import ContactRequests
from core.flows.contact_desk.definition import SLUG, ContactFlow, contact_flow
from core.flows.contact_desk.delivery import ContactDelivery
from core.flows.contact_desk.handler import ContactHandler
from core.flows.contact_desk.picture_scenarios import SCENARIOS
from core.flows.contact_desk.request_made_page import contact_request_page
from core.flows.contact_desk.states import ContactRequestPending, ContactTerms
from core.flows.contact_desk.written_answer_catalogue import answer_timeline
from core.flows.flow_plugin import EXAMPLE_CASE, FlowPlugin
from core.flows.outbox_message_processing import MailTemplate, OutboxMessageProcessor
from core.flows.password.definition import EXAMPLE_ADDRESS
from core.forms.errors import TooManyDeskRequestsFromNetwork
from core.forms.flow_model import Flow, ShownStep
from core.policy.policy_and_calendar import Policy
from core.ports import EventType, MessageKind
from core.text.faces.call_sentences import ContactReason
from core.text.faces.timeline_sentences import TimelineTexts, neutral_line
from core.text.text import N_, Language, TimeOfDay


class ContactFlowPlugin(FlowPlugin):
    """The services of DA, by which a voter asks the desk for an answer without telephoning."""

    slug = SLUG
    states = states.State
    scenarios = SCENARIOS
    timeline = TimelineTexts(
        events={EventType.ANSWERED_IN_WRITING: neutral_line(N_("{agent} répond par écrit."))},
        reasons=answer_timeline(EventType.ANSWERED_IN_WRITING),
    )

    @classmethod
    def define(cls, policy: Policy) -> Flow:
        """Return the flow under that policy."""
        return contact_flow(policy).flow

    @cached_property
    def steps(self) -> ContactFlow:
        """The definition under this election's policy."""
        return contact_flow(self.dependencies.policy)

    @cached_property
    def handler(self) -> ContactHandler:
        """The handler of the flow's steps."""
        return ContactHandler(self.steps, self.dependencies, ContactRequests(self.dependencies))

    @cached_property
    def delivery(self) -> ContactDelivery:
        """The courier's part."""
        return ContactDelivery(self.dependencies, self.steps)

    @property
    def mail_templates(self) -> Mapping[str, MailTemplate]:
        """The acknowledgement, and the answer in writing."""
        return self.delivery.mail_templates_by_kind

    @property
    def outbox_handlers(self) -> Mapping[str, OutboxMessageProcessor]:
        """The reading of requests."""
        return {MessageKind.CONTACT: self.delivery}

    def help_example_refusal_facts(self, asked_at: datetime) -> Mapping[str, Mapping[str, object]]:
        """The time at which a network may ask again."""
        again_at = asked_at + timedelta(minutes=self.dependencies.policy.asks_window_minutes)
        return {TooManyDeskRequestsFromNetwork.id: {"again_at": TimeOfDay(again_at)}}

    def help_example_steps(self, asked_at: datetime) -> Iterable[ShownStep]:
        """Return the page that the help's fictional voter is shown who asks to be written to."""
        rules = self.dependencies
        window = answer_window(rules.policy, rules.calendar, AnswerTime.WRITING, asked_at)
        terms = ContactTerms(
            reason=ContactReason.MAILBOX,
            way=window.way,
            asked=asked_at,
            due=window.begins,
            until=window.ends,
            language=Language.FRENCH,
        )
        state = ContactRequestPending(typed=EXAMPLE_ADDRESS, address=EXAMPLE_ADDRESS, terms=terms)
        return (contact_request_page(state, EXAMPLE_CASE, self.steps, rules.calendar),)
