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
    def __init__(self) -> None:
        self.flow = RECIPE


class RecipeFlowPlugin(FlowPlugin):
    """The plugin of a flow that stores states and mails a link."""

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
        """Return the route that leads from the link in the invitation to the choice of a dish."""
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
        """Return the composer of the invitation mail."""
        return {INVITATION_KIND: self._invitation}

    def _invitation(self, message: OutboxMessage, _voter: Voter, _state: object) -> MailContent:
        link = f"{self.dependencies.election.site}{LINK_PATH}{self.handler.link_token(message.case)}"
        return MailContent(message=INVITATION, link=link)

    def help_example_steps(self, asked: datetime) -> Iterable[ShownStep]:  # noqa: ARG002  # nothing here tells the time
        """Return the steps as the help shows them, with the data of a fictional voter."""
        return ShownStep(step=TASTE, facts={"born": "1970-12-31"}), ShownStep(step=TABLE, facts={"dish": DISH})
