"""The voter space and the way to stop a change, wired for one election."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import cached_property

from core.flows.account import scenarios, stop_change, voter_space
from core.flows.account.messages import StopChangeMessages
from core.flows.account.stop_change_handler import StopChangeHandler
from core.flows.account.stop_links import StopLinks
from core.flows.account.timeline import TIMELINE
from core.flows.account.voter_space_handler import VoterSpaceHandler
from core.flows.flow_services import FlowContribution, LinkRoute, SignOutAction
from core.flows.identifier.example_reissue import reissues_left
from core.flows.identifier.services import IdentifierServices
from core.flows.message_handlers import MailTemplate
from core.flows.password.services import PasswordServices
from core.forms import errors
from core.forms.model import Flow, ShownStep
from core.policy.policy import Policy
from core.policy.urls import STOP_PATH
from core.text.text import Moment


class VoterSpaceServices(FlowContribution):
    """The services of the voter space (EV)."""

    slug = voter_space.SLUG
    scenarios = scenarios.VOTER_SPACE

    @classmethod
    def define(cls, policy: Policy) -> Flow:  # noqa: ARG003  # no number of the policy is in it
        """Return the flow."""
        return voter_space.space_flow().flow

    @cached_property
    def steps(self) -> voter_space.SpaceFlow:
        """Return the flow's definition."""
        return voter_space.space_flow()

    @property
    def sign_out(self) -> SignOutAction:
        """The last button of the voter space."""
        return SignOutAction(step=self.steps.home, action=self.steps.sign_out)

    @cached_property
    def handler(self) -> VoterSpaceHandler:
        """The handler of the voter space."""
        password, identifier = self.flows[PasswordServices], self.flows[IdentifierServices]
        return VoterSpaceHandler(
            steps=self.steps,
            password_steps=password.steps,
            identifier_steps=identifier.steps,
            reissue_steps=identifier.current_step,
            reissues=identifier.context,
            dependencies=self.dependencies,
            requests=password.requests,
            sessions=self.flows.sessions,
        )

    def example_steps(self, asked: datetime) -> Iterable[ShownStep]:  # noqa: ARG002  # nothing here tells the time
        """Return the step that the help's fictional voter is shown in the voter space."""
        left = reissues_left(self.flows[IdentifierServices].current_step, self.dependencies.policy)
        return (ShownStep(step=self.steps.home, facts={"reissues": left}),)


class StopChangeServices(FlowContribution):
    """The services of ST, by which a voter freezes their own account after a change by somebody else."""

    slug = stop_change.SLUG
    timeline = TIMELINE
    scenarios = scenarios.STOP_CHANGE

    @classmethod
    def define(cls, policy: Policy) -> Flow:  # noqa: ARG003  # likewise
        """Return the flow."""
        return stop_change.stop_flow().flow

    @cached_property
    def steps(self) -> stop_change.StopFlow:
        """The definition."""
        return stop_change.stop_flow()

    @cached_property
    def handler(self) -> StopChangeHandler:
        """The handler of the steps that stop a change."""
        return StopChangeHandler(self.steps, self.dependencies, StopLinks(self.dependencies))

    @property
    def mail_templates(self) -> Mapping[str, MailTemplate]:
        """The mails about frozen accounts."""
        return StopChangeMessages(self.dependencies, self.steps).mail_templates_by_kind

    def example_steps(self, asked: datetime) -> Iterable[ShownStep]:  # noqa: ARG002  # the time is a fact of every example
        """Return the step that the help's fictional voter is asked to confirm."""
        what = stop_change.WHAT_HAPPENED[stop_change.ChangedThing.PASSWORD]
        return (ShownStep(step=self.steps.confirm, facts={"what_happened": what}),)

    def example_refusals(self, asked: datetime) -> Mapping[str, Mapping[str, object]]:
        """Return until when that voter's notice could freeze the account, and when the desk reopened it."""
        expired = asked + timedelta(days=self.dependencies.policy.stop_link_days)
        return {
            errors.StopLinkExpired.id: {"expired_at": Moment(expired)},
            errors.StopLinkAccountReopened.id: {"reopened_at": Moment(asked)},
        }

    @property
    def link_routes(self) -> tuple[LinkRoute, ...]:
        """The link of a notice leads to the confirmation."""
        return (LinkRoute(path=STOP_PATH, step=self.steps.confirm, keep=lambda visit, token: visit.with_(stop=token)),)
