"""The interface between a flow's folder and the rest of the product, and the flows of one election."""

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

AROUND_FLOWS = SHARED | CALL_TIMELINE | SIGNATURE_TIMELINE
EXAMPLE_CASE = "7F3K-92QD"
"""The case number in the help."""
S = TypeVar("S", bound="FlowPlugin")


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageLinkRoute:
    """A path of the site for links in messages; a token follows the path. A GET changes nothing (rule 3)."""

    path: str
    step: Step
    keep: Callable[[Visit, str], Visit]
    """Stores the token in the visit."""
    observe: Callable[[str], None] = lambda _token: None
    """Records that the link with that token was opened. May raise Refusal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOutAction:
    """The action that signs a voter out, shown on every page, and the step that handles it."""

    step: Step
    action: Action[object]


class FlowPlugin(ABC):
    """One flow of one election: its handler, and everything that other parts of the product need from it.

    Each flow has one subclass, in its folder. `core.flows.registry` lists them.
    """

    slug: ClassVar[str]
    """The flow's path on the site, and its name in the store."""
    states: ClassVar[object] = None
    """The union of the states of its cases, or None if the flow has no cases."""

    timeline: ClassVar[TimelineTexts] = TimelineTexts()
    """Timeline sentences of the flow's events."""

    scenarios: ClassVar[PictureScenarios] = PictureScenarios()
    """Screenshot scenarios."""

    define: ClassVar["staticmethod[[Policy], FlowSteps]"]
    """Builds the flow's definition from a policy. Needs nothing else of the election."""

    def __init__(self, flows: "ElectionFlows") -> None:
        self.flows = flows
        self.dependencies = flows.dependencies
        self.steps = type(self).define(self.dependencies.policy)

    @property
    @abstractmethod
    def handler(self) -> FlowHandler:
        """The handler that shows the flow's steps and acts on their answers."""

    @property
    def message_link_routes(self) -> tuple[MessageLinkRoute, ...]:
        return ()

    @property
    def sign_out_action(self) -> SignOutAction | None:
        """The action that signs the voter out, or None if the flow has none."""
        return None

    @property
    def mail_templates(self) -> Mapping[str, MailTemplate]:
        """Mail templates of the flow, by kind of outbox message."""
        return {}

    @property
    def outbox_handlers(self) -> Mapping[str, OutboxMessageProcessor]:
        """Processors of the flow's other outbox messages, by kind."""
        return {}

    def receive_delivery_report(
        self,
        message_id: str,  # noqa: ARG002  # most flows send no SMS
        delivery: SmsDeliveryStatus,  # noqa: ARG002
        note: Callable[[Transaction], object],  # noqa: ARG002
    ) -> bool:
        """Handle a delivery report and call `note` in the same transaction. Return False if the SMS is unknown."""
        return False

    def receive_sms_answer(self, phone: str, text: str) -> IncomingSmsOutcome:  # noqa: ARG002  # likewise
        """Handle an SMS from a voter. The caller has authenticated the gateway."""
        return IncomingSmsOutcome.UNREAD

    @property
    def easy_to_read_guide(self) -> EasyToReadGuide | None:
        return None

    def help_example_steps(self, asked_at: datetime) -> Iterable[ShownStep]:  # noqa: ARG002
        """Return the steps that the help's fictional voter sees, for a request made at `asked_at`."""
        return ()

    def help_example_refusal_facts(self, asked_at: datetime) -> Mapping[str, Mapping[str, object]]:  # noqa: ARG002  # likewise
        """Return the values in the flow's refusals for that voter, by refusal id."""
        return {}

    def is_completed(self, state: object) -> bool:  # noqa: ARG002
        """Return whether a case in that state has given the voter what they asked for."""
        return False

    def adopt_platform_generation(self, voter: int, generation: int, since: datetime) -> str | None:  # noqa: ARG002  # likewise
        """Adopt a generation read from the platform after `since`. Return the case for which to call the voter."""
        return None

    def reencrypt_stored_values(self) -> None:  # noqa: B027  # most flows keep nothing sealed in their cases
        """Encrypt the encrypted values of the flow's cases again, with the present key."""


@dataclass(frozen=True, slots=True)
class PlatformConnection:
    """The voting platform, the key shared with it, and the voters' pseudonyms on it."""

    api: VotingPlatform
    key: bytes
    pseudonyms: PlatformPseudonyms


@dataclass(frozen=True)
class ElectionFlows:
    """The flows of one election. Visitors begin at the first one."""

    dependencies: Dependencies
    budgets: SharedSmsBudgets
    platform: Callable[[], PlatformConnection]
    registered: Sequence[type[FlowPlugin]]

    @cached_property
    def sign_in_sessions(self) -> VoterSessions:
        return VoterSessions(self.dependencies)

    @cached_property
    def _by_class(self) -> dict[type[FlowPlugin], FlowPlugin]:
        return {each: each(self) for each in self.registered}

    def __iter__(self) -> Iterator[FlowPlugin]:
        return iter(self._by_class.values())

    def __getitem__(self, registered: type[S]) -> S:
        found = self._by_class[registered]
        assert isinstance(found, registered)  # noqa: S101  # plugins are stored by class
        return found

    @property
    def definitions(self) -> tuple[Flow, ...]:
        return tuple(each.steps.flow for each in self)

    @cached_property
    def sign_out_action(self) -> SignOutAction | None:
        return next(filter(None, (each.sign_out_action for each in self)), None)

    @cached_property
    def timeline_texts(self) -> TimelineTexts:
        return reduce(or_, (each.timeline for each in self.registered), AROUND_FLOWS)

    def is_completed(self, flow: str, state: object) -> bool:
        return any(each.is_completed(state) for each in self if each.slug == flow)
