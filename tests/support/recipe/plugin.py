"""The plugin of the recipe flow."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property

from core.flows.flow_messages import MailContent, MailTemplate
from core.flows.flow_plugin import FlowPlugin, MessageLinkRoute
from core.flows.picture_browser import PictureScenarios
from core.forms.flow_model import FlowSteps, ShownStep
from core.ports import OutboxMessage, Voter
from core.text.faces.timeline_sentences import TimelineTexts, negative_line, neutral_line, positive_line
from core.text.text import N_
from tests.support.recipe import states
from tests.support.recipe.definition import (
    DISH,
    INVITATION,
    MISREAD,
    OPENED,
    ORDERED,
    RECIPE,
    SERVED,
    SLUG,
    TABLE,
    TASTE,
    Sweet,
)
from tests.support.recipe.handler import INVITATION_KIND, RecipeHandler

LINK_PATH = "/a-table/"


class RecipeSteps(FlowSteps):
    """The flow definition."""

    def __init__(self) -> None:
        self.flow = RECIPE


class RecipeFlowPlugin(FlowPlugin):
    """The services of a flow that keeps state and mails a link."""

    slug = SLUG
    states = states.State
    timeline = TimelineTexts(
        events={
            ORDERED: neutral_line(N_("Une recette est commandée.")),
            OPENED: positive_line(N_("L'invitation est ouverte.")),
            MISREAD: negative_line(N_("La commande est illisible.")),
            SERVED: positive_line(N_("Le plat est servi.")),
        }
    )
    scenarios = PictureScenarios(leads_on=frozenset({Sweet}))
    define = staticmethod(lambda _policy: RecipeSteps())

    @cached_property
    def handler(self) -> RecipeHandler:
        return RecipeHandler(self.steps, self.dependencies)

    @property
    def message_link_routes(self) -> tuple[MessageLinkRoute, ...]:
        """Return the route from the invitation's link to the choice of a dish."""
        return (
            MessageLinkRoute(
                path=LINK_PATH,
                step=TASTE,
                keep=lambda visit, token: visit.with_(link=token),
                observe=self.handler.observe,
            ),
        )

    @property
    def mail_templates(self) -> Mapping[str, MailTemplate]:
        """Return the composer of the invitation."""
        return {INVITATION_KIND: self._invitation}

    def _invitation(self, message: OutboxMessage, _voter: Voter, _state: object) -> MailContent:
        link = f"{self.dependencies.election.site}{LINK_PATH}{self.handler.link_token(message.case)}"
        return MailContent(message=INVITATION, link=link)

    def help_example_steps(self, asked: datetime) -> Iterable[ShownStep]:  # noqa: ARG002  # nothing here tells the time
        """Return the steps that the help's fictional voter is shown."""
        return ShownStep(step=TASTE, facts={"born": "1970-12-31"}), ShownStep(step=TABLE, facts={"dish": DISH})
