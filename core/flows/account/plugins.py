from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property

from core.flows.account import picture_scenarios, stop_change_definition, voter_space_definition
from core.flows.account.stop_change_handler import StopChangeHandler
from core.flows.account.stop_change_links import StopChangeLinks
from core.flows.account.voter_space_handler import VoterSpaceHandler
from core.flows.flow_messages import MailContent, MailTemplate
from core.flows.flow_plugin import FlowPlugin, MessageLinkRoute, SignOutAction
from core.flows.identifier.plugin import IdentifierFlowPlugin
from core.flows.password.plugin import PasswordFlowPlugin
from core.flows.phase_notice import vote_dates_sentence, vote_while_blocked_sentence
from core.forms.flow_model import ShownStep
from core.ports import MessageKind, OutboxMessage, Voter
from core.text.faces.timeline_sentences import TimelineTexts, negative_line, positive_line
from core.text.text import N_, Moment
from core.text.urls import STOP_PATH


class VoterSpaceFlowPlugin(FlowPlugin):
    slug = voter_space_definition.SLUG
    scenarios = picture_scenarios.VOTER_SPACE
    define = staticmethod(lambda _policy: voter_space_definition.VOTER_SPACE)
    steps: voter_space_definition.VoterSpaceFlow

    @property
    def sign_out_action(self) -> SignOutAction:
        return SignOutAction(step=self.steps.home, action=self.steps.sign_out)

    @cached_property
    def handler(self) -> VoterSpaceHandler:
        password, identifier = self.flows[PasswordFlowPlugin].handler, self.flows[IdentifierFlowPlugin].handler
        return VoterSpaceHandler(self.steps, self.dependencies, password, identifier, self.flows.sign_in_sessions)

    def help_example_steps(self, asked_at: datetime) -> Iterable[ShownStep]:
        steps = self.flows[IdentifierFlowPlugin].current_step
        left = steps.reissues_left_sentence(steps.whole_allowance)
        dates = vote_dates_sentence(self.dependencies.calendar, asked_at)
        facts = {
            "identifier": steps.identifier_sentence(None),
            "reissues": left,
            "may_resume": False,
            "vote_dates": dates,
        }
        return (ShownStep(step=self.steps.home, facts=facts),)


class StopChangeFlowPlugin(FlowPlugin):
    slug = stop_change_definition.SLUG
    timeline = TimelineTexts(
        events={
            "frozen": negative_line(N_("Le compte est bloqué.")),
            "change-recognised": positive_line(N_("La personne a répondu « C'était moi » : rien n'est bloqué.")),
            "unfrozen": positive_line(N_("{agent} rouvre le compte, sans mot de passe.")),
        },
        reasons={
            "frozen": {
                "not-me": negative_line(N_("La personne a répondu « Ce n'était pas moi » : le compte est bloqué."))
            }
        },
        by_desk={"frozen": negative_line(N_("{agent} bloque le compte à la demande de l'appelant."))},
        changes=frozenset({"frozen", "unfrozen"}),
    )
    scenarios = picture_scenarios.STOP_CHANGE
    define = staticmethod(lambda _policy: stop_change_definition.STOP_CHANGE)
    steps: stop_change_definition.StopChangeFlow

    @cached_property
    def handler(self) -> StopChangeHandler:
        return StopChangeHandler(self.steps, self.dependencies, StopChangeLinks(self.dependencies))

    @property
    def mail_templates(self) -> Mapping[str, MailTemplate]:
        return {
            MessageKind.STOPPED: self._stopped,
            MessageKind.FROZEN: self._frozen,
            MessageKind.REOPENED: self._reopened,
        }

    def _stopped(self, message: OutboxMessage, _voter: Voter, _state: object) -> MailContent:
        """Return the email that tells the helpdesk about a frozen account. The email must not name the voter."""
        return MailContent(message=self.steps.desk_notice, facts={"frozen_at": self._at(message)}, to_desk=True)

    def _frozen(self, message: OutboxMessage, _voter: Voter, _state: object) -> MailContent:
        return MailContent(message=self.steps.frozen_notice, facts={"frozen_at": self._at(message)})

    def _reopened(self, message: OutboxMessage, _voter: Voter, _state: object) -> MailContent:
        return MailContent(message=self.steps.reopened_notice, facts={"reopened_at": self._at(message)})

    def _at(self, message: OutboxMessage) -> Moment:
        return Moment(self.dependencies.calendar.to_local(message.created))

    def help_example_steps(self, asked_at: datetime) -> Iterable[ShownStep]:
        what = stop_change_definition.WHAT_HAPPENED[stop_change_definition.StoppableChange.PASSWORD]
        doubt = stop_change_definition.doubt_sentence(self.dependencies.election.site)
        vote = vote_while_blocked_sentence(self.dependencies.policy, self.dependencies.calendar, asked_at)
        return (
            ShownStep(
                step=self.steps.confirm,
                facts={"what_happened": what, "doubt": doubt, "vote_while_blocked": vote},
            ),
            ShownStep(step=self.steps.stopped, facts={"vote_while_blocked": vote}),
        )

    @property
    def message_link_routes(self) -> tuple[MessageLinkRoute, ...]:
        return (
            MessageLinkRoute(
                path=STOP_PATH, step=self.steps.confirm, keep=lambda visit, token: visit.with_(stop=token)
            ),
        )
