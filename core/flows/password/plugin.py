"""The forgotten password, wired for one election."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property

from core.flows.account.voter_space_definition import voter_space_flow
from core.flows.easy_to_read_guide import EasyToReadGuide
from core.flows.flow_mails_and_outbox_processors import MailTemplate
from core.flows.flow_plugin import EXAMPLE_CASE, FlowPlugin, MessageLinkRoute
from core.flows.password import help_example_recovery, states
from core.flows.password.definition import SLUG, PasswordFlow, password_flow
from core.flows.password.easy_to_read_guide import password_easy_to_read_guide
from core.flows.password.handler import PasswordHandler
from core.flows.password.link_requests import PasswordLinkRequests
from core.flows.password.password_choice_by_link import RecoveryLinks
from core.flows.password.picture_scenarios import SCENARIOS
from core.flows.password.recovery_mails import PasswordMailWriter
from core.flows.password.recovery_timeline_sentences import TIMELINE
from core.forms.flow_model import ShownStep
from core.policy.urls import LINK_PATH


class PasswordFlowPlugin(FlowPlugin):
    """The services of MP, by which a voter asks for a link by mail and chooses a password with it."""

    slug = SLUG
    states = states.State
    timeline = TIMELINE
    scenarios = SCENARIOS
    define = staticmethod(password_flow)
    steps: PasswordFlow

    @cached_property
    def requests(self) -> PasswordLinkRequests:
        """The use cases that ask for the mail with the link."""
        return PasswordLinkRequests(self.dependencies, flow=self.slug)

    @cached_property
    def links(self) -> RecoveryLinks:
        """The use cases that open links and set new passwords."""
        return RecoveryLinks(self.dependencies)

    @cached_property
    def handler(self) -> PasswordHandler:
        """The handler of the flow's steps."""
        return PasswordHandler(
            self.steps,
            voter_space_flow().home,
            self.dependencies,
            self.requests,
            self.links,
            self.flows.sign_in_sessions,
        )

    @property
    def message_link_routes(self) -> tuple[MessageLinkRoute, ...]:
        """The link of the mail leads to the choice of a password."""
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
        """The link, its refusal, and the notice of a new password."""
        return PasswordMailWriter(self.dependencies, self.steps).mail_templates_by_kind

    @property
    def easy_to_read_guide(self) -> EasyToReadGuide:
        """The easy-to-read guide to a new password."""
        return password_easy_to_read_guide(self.steps, self.dependencies.policy)

    def help_example_steps(self, asked_at: datetime) -> Iterable[ShownStep]:
        """The steps that the help's fictional voter is shown."""
        rules = self.dependencies
        return help_example_recovery.help_example_steps(
            self.steps, rules.policy, rules.calendar, EXAMPLE_CASE, asked_at
        )

    def help_example_refusal_facts(self, asked_at: datetime) -> Mapping[str, Mapping[str, object]]:
        """The values that refusals print for that voter."""
        return help_example_recovery.help_example_refusal_facts(self.dependencies.policy, asked_at)

    def is_completed(self, state: object) -> bool:
        """Return whether a password was chosen."""
        return isinstance(state, states.PasswordChanged)
