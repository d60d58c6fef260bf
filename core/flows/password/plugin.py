from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import cached_property
from threading import Thread

from core.flows.address_suggestions import AddressSuggestions
from core.flows.easy_to_read import EasyToReadGuide
from core.flows.flow_messages import MailTemplate
from core.flows.flow_plugin import EXAMPLE_CASE, FlowPlugin, MessageLinkRoute
from core.flows.password import states
from core.flows.password.current_step import step_for, steps_before_link_request
from core.flows.password.definition import EXAMPLE_ADDRESS, SLUG, PasswordFlow
from core.flows.password.easy_to_read import password_easy_to_read_guide
from core.flows.password.handler import PasswordHandler
from core.flows.password.link_requests import PasswordLinkRequests
from core.flows.password.password_choice import RecoveryLinks
from core.flows.password.picture_scenarios import SCENARIOS
from core.flows.password.recovery_mails import PasswordMailWriter
from core.flows.password.recovery_timeline_sentences import TIMELINE
from core.flows.password.states import LastRequestTimes, LinkRequestPending
from core.forms.flow_model import ShownStep
from core.ports import MessageKind
from core.text.urls import LINK_PATH


class PasswordFlowPlugin(FlowPlugin):
    slug = SLUG
    states = states.State
    timeline = TIMELINE
    scenarios = SCENARIOS
    define = staticmethod(PasswordFlow)
    steps: PasswordFlow

    @cached_property
    def requests(self) -> PasswordLinkRequests:
        return PasswordLinkRequests(self.dependencies)

    @cached_property
    def address_suggestions(self) -> AddressSuggestions:
        return AddressSuggestions(self.dependencies)

    @cached_property
    def links(self) -> RecoveryLinks:
        return RecoveryLinks(self.dependencies)

    @cached_property
    def handler(self) -> PasswordHandler:
        sessions = self.flows.sign_in_sessions
        return PasswordHandler(
            self.steps, self.dependencies, self.requests, self.links, sessions, self.address_suggestions
        )

    @property
    def message_link_routes(self) -> tuple[MessageLinkRoute, ...]:
        return (
            MessageLinkRoute(
                path=LINK_PATH,
                step=self.steps.choose_password,
                keep=lambda visit, token: visit.with_(link=token),
                observe=self.links.record_first_opening,
            ),
        )

    @property
    def mail_templates(self) -> Mapping[str, MailTemplate]:
        mails = PasswordMailWriter(self.dependencies, self.steps)
        return {
            MessageKind.LINK: mails.link,
            MessageKind.REFUSAL: mails.refusal,
            MessageKind.CHANGED: mails.password_changed,
        }

    @property
    def easy_to_read_guide(self) -> EasyToReadGuide:
        return password_easy_to_read_guide(self.steps, self.dependencies.policy)

    def help_example_steps(self, asked_at: datetime) -> Iterator[ShownStep]:
        """Yield example steps up to the page after the request for the recovery email."""
        policy = self.dependencies.policy
        valid, pause = timedelta(minutes=policy.link_valid_minutes), timedelta(minutes=policy.resend_after_minutes)
        times = LastRequestTimes(at=asked_at, until=asked_at + valid, again_from=asked_at + pause)
        requested = LinkRequestPending(typed=EXAMPLE_ADDRESS, address=EXAMPLE_ADDRESS, asking=times)
        yield from steps_before_link_request(EXAMPLE_ADDRESS, self.steps, forgotten=True)
        yield step_for(requested, EXAMPLE_CASE, self.steps, self.dependencies.calendar, now=asked_at)

    def on_site_start(self) -> None:
        # Counting a million voters takes a second, and the first page does not wait for it.
        Thread(target=self.address_suggestions.load_domains, daemon=True).start()

    def is_completed(self, state: object) -> bool:
        return isinstance(state, states.PasswordChanged)
