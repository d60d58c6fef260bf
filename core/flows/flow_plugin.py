"""The plugin interface of a flow, and the flows of one election."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, reduce
from operator import or_
from typing import ClassVar, TypeVar

from core.flows.dependencies import Dependencies
from core.flows.easy_to_read import EasyToReadGuide
from core.flows.flow_handler import FlowHandler, Visit
from core.flows.flow_messages import MailTemplate, OutboxMessageProcessor
from core.flows.picture_browser import PictureScenarios
from core.flows.sign_in import VoterSessions
from core.forms.flow_model import Action, Flow, FlowSteps, ShownStep, Step
from core.policy.policy import Policy
from core.ports import IncomingSmsOutcome, SharedSmsBudgets, SmsDeliveryStatus, Transaction
from core.ports.voting_platform import VotingPlatform
from core.security.digests import PlatformPseudonyms
from core.text.faces.call_sentences import CALL_TIMELINE
from core.text.faces.supervisor_approval_texts import SIGNATURE_TIMELINE
from core.text.faces.timeline_sentences import SHARED, TimelineTexts

TIMELINES_OUTSIDE_FLOWS = SHARED | CALL_TIMELINE | SIGNATURE_TIMELINE
EXAMPLE_CASE = "7F3K-92QD"
S = TypeVar("S", bound="FlowPlugin")


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageLinkRoute:
    """A URL path for links in emails. Opening a link must not change anything."""

    path: str
    step: Step
    keep: Callable[[Visit, str], Visit]
    observe: Callable[[str], None] = lambda _token: None
    """Records the opening of a link. Raises Refusal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOutAction:
    step: Step
    action: Action[object]


class FlowPlugin(ABC):
    """The interface between one flow and the rest of the product."""

    slug: ClassVar[str]
    """The flow's name in URL paths and in the database."""
    states: ClassVar[object] = None
    """Union of the flow's state classes, or None if the flow has no cases."""

    timeline: ClassVar[TimelineTexts] = TimelineTexts()

    scenarios: ClassVar[PictureScenarios] = PictureScenarios()

    define: ClassVar["staticmethod[[Policy], FlowSteps]"]

    def __init__(self, flows: "ElectionFlows") -> None:
        self.flows = flows
        self.dependencies = flows.dependencies
        self.steps = type(self).define(self.dependencies.policy)

    @property
    @abstractmethod
    def handler(self) -> FlowHandler: ...

    @property
    def message_link_routes(self) -> tuple[MessageLinkRoute, ...]:
        return ()

    @property
    def sign_out_action(self) -> SignOutAction | None:
        return None

    @property
    def mail_templates(self) -> Mapping[str, MailTemplate]:
        return {}

    @property
    def outbox_handlers(self) -> Mapping[str, OutboxMessageProcessor]:
        return {}

    def receive_delivery_report(
        self,
        message_id: str,  # noqa: ARG002  # most flows send no SMS
        delivery: SmsDeliveryStatus,  # noqa: ARG002
        note: Callable[[Transaction], object],  # noqa: ARG002
    ) -> bool:
        """Handle a delivery report, then call `note` in the same transaction.

        Returns False if the SMS is from another flow.
        """
        return False

    def receive_sms_answer(self, phone: str, text: str) -> IncomingSmsOutcome:  # noqa: ARG002  # likewise
        """Handle an SMS from a voter. The caller must first authenticate the SMS gateway."""
        return IncomingSmsOutcome.UNREAD

    @property
    def easy_to_read_guide(self) -> EasyToReadGuide | None:
        return None

    def help_example_steps(self, asked_at: datetime) -> Iterable[ShownStep]:  # noqa: ARG002
        """Return example steps for the help pages. The example request is made at `asked_at`."""
        return ()

    def is_completed(self, state: object) -> bool:  # noqa: ARG002
        return False

    def on_site_start(self) -> None:  # noqa: B027  # most flows load nothing
        """Begin to load data from the database when a website process starts. The first page does not wait."""

    def adopt_platform_generation(self, voter: int, generation: int, since: datetime) -> str | None:  # noqa: ARG002  # likewise
        """Store the platform's generation number. Returns a case number if the helpdesk must call the voter."""
        return None

    def reencrypt_stored_values(self) -> None:  # noqa: B027  # most flows keep nothing sealed in their cases
        """Re-encrypt the secret values in the flow's cases with the newest key."""


@dataclass(frozen=True, slots=True)
class PlatformConnection:
    """Access to the voting platform: its API, its key and the voters' pseudonyms."""

    api: VotingPlatform
    key: bytes
    pseudonyms: PlatformPseudonyms


@dataclass(frozen=True)
class ElectionFlows:
    dependencies: Dependencies
    budgets: SharedSmsBudgets
    platform: Callable[[], PlatformConnection]
    registered: Sequence[type[FlowPlugin]]

    @cached_property
    def sign_in_sessions(self) -> VoterSessions:
        return VoterSessions(self.dependencies)

    @cached_property
    def _by_class(self) -> dict[type[FlowPlugin], FlowPlugin]:
        return {plugin_class: plugin_class(self) for plugin_class in self.registered}

    def __iter__(self) -> Iterator[FlowPlugin]:
        return iter(self._by_class.values())

    def __getitem__(self, registered: type[S]) -> S:
        plugin = self._by_class[registered]
        assert isinstance(plugin, registered)  # noqa: S101  # plugins are stored by class
        return plugin

    @property
    def definitions(self) -> tuple[Flow, ...]:
        return tuple(plugin.steps.flow for plugin in self)

    @cached_property
    def sign_out_action(self) -> SignOutAction | None:
        return next(filter(None, (plugin.sign_out_action for plugin in self)), None)

    @cached_property
    def timeline_texts(self) -> TimelineTexts:
        return reduce(or_, (plugin_class.timeline for plugin_class in self.registered), TIMELINES_OUTSIDE_FLOWS)

    def is_completed(self, flow: str, state: object) -> bool:
        return any(plugin.is_completed(state) for plugin in self if plugin.slug == flow)
