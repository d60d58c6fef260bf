"""The parts that a flow's folder contributes to the product, and the flows of one election."""

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
"""The case number that the help prints."""
S = TypeVar("S", bound="FlowPlugin")


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageLinkRoute:
    """A place of the site to which links in messages lead, followed there by a token. A GET changes nothing (rule 3)."""

    path: str
    step: Step
    keep: Callable[[Visit, str], Visit]
    """Adds the token to what the visitor holds."""
    observe: Callable[[str], None] = lambda _token: None
    """Notes that a link with that token was opened. May raise Refusal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOutAction:
    """The action with which a voter signs out, which every page offers, and the step that takes it."""

    step: Step
    action: Action[object]


class FlowPlugin(ABC):
    """One flow of one election: its handler, and what the other parts of the product need of it.

    Each flow has one subclass, in its folder. `core.flows.registry` lists them.
    """

    slug: ClassVar[str]
    """The flow's place in the site's addresses. The store keeps its cases under that name."""
    states: ClassVar[object] = None
    """The union of the states of its cases, or None when the flow keeps no case."""

    timeline: ClassVar[TimelineTexts] = TimelineTexts()
    """The sentences of the flow's own events."""

    scenarios: ClassVar[PictureScenarios] = PictureScenarios()
    """Scenarios that walk the flow for the pictures."""

    define: ClassVar["staticmethod[[Policy], FlowSteps]"]
    """The maker of the flow's definition under a policy, also for a program that has nothing else of the election."""

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
        """The places to which links in the flow's messages lead."""
        return ()

    @property
    def sign_out_action(self) -> SignOutAction | None:
        """The action that ends the session, and its step; None when the flow has none."""
        return None

    @property
    def mail_templates(self) -> Mapping[str, MailTemplate]:
        """The mails that the courier sends for the flow, by the kind of their outbox message."""
        return {}

    @property
    def outbox_handlers(self) -> Mapping[str, OutboxMessageProcessor]:
        """Handlers of the flow's outbox messages that are more than a mail, by their kind."""
        return {}

    def receive_delivery_report(
        self,
        message_id: str,  # noqa: ARG002  # most flows send no SMS
        delivery: SmsDeliveryStatus,  # noqa: ARG002
        note: Callable[[Transaction], object],  # noqa: ARG002
    ) -> bool:
        """Act on an operator's report, and write `note` in the same transaction. Returns False if the flow did not send that SMS."""
        return False

    def receive_sms_answer(self, phone: str, text: str) -> IncomingSmsOutcome:  # noqa: ARG002  # likewise
        """Act on a voter's SMS from that number. The caller has authenticated the gateway."""
        return IncomingSmsOutcome.UNREAD

    @property
    def easy_to_read_guide(self) -> EasyToReadGuide | None:
        """The easy-to-read guide of the flow, if it has one."""
        return None

    def help_example_steps(self, asked_at: datetime) -> Iterable[ShownStep]:  # noqa: ARG002  # some flows print no facts of their own
        """The steps that the help's fictional voter is shown, who asks at that moment."""
        return ()

    def help_example_refusal_facts(self, asked_at: datetime) -> Mapping[str, Mapping[str, object]]:  # noqa: ARG002  # likewise
        """The values that the flow's refusals print for that voter, by the refusal's id."""
        return {}

    def is_completed(self, state: object) -> bool:  # noqa: ARG002  # most flows need not be asked
        """Return whether a case in that state has given the voter what they came for."""
        return False

    def adopt_platform_generation(self, voter: int, generation: int, since: datetime) -> str | None:  # noqa: ARG002  # likewise
        """Record the generation that was read from the platform after that instant. Return the case about which the voter is to be called."""
        return None

    def reencrypt_stored_values(self) -> None:  # noqa: B027  # most flows keep nothing sealed in their cases
        """Encrypt again, with the present key, the encrypted values of the flow's cases."""


@dataclass(frozen=True, slots=True)
class PlatformConnection:
    """The voting platform, the key shared with it, and the names under which it knows voters."""

    api: VotingPlatform
    key: bytes
    pseudonyms: PlatformPseudonyms


@dataclass(frozen=True)
class ElectionFlows:
    """The flows of one election, each built once. The first is where a visitor begins."""

    dependencies: Dependencies
    budgets: SharedSmsBudgets
    platform: Callable[[], PlatformConnection]
    registered: Sequence[type[FlowPlugin]]

    @cached_property
    def sign_in_sessions(self) -> VoterSessions:
        """Return the sessions of voters who are signed in."""
        return VoterSessions(self.dependencies)

    @cached_property
    def _by_class(self) -> dict[type[FlowPlugin], FlowPlugin]:
        return {each: each(self) for each in self.registered}

    def __iter__(self) -> Iterator[FlowPlugin]:
        return iter(self._by_class.values())

    def __getitem__(self, registered: type[S]) -> S:
        found = self._by_class[registered]
        assert isinstance(found, registered)  # noqa: S101  # its class is its key
        return found

    @property
    def definitions(self) -> tuple[Flow, ...]:
        """The definitions, in order."""
        return tuple(each.steps.flow for each in self)

    @cached_property
    def sign_out_action(self) -> SignOutAction | None:
        """The action that ends the session."""
        return next(filter(None, (each.sign_out_action for each in self)), None)

    @cached_property
    def timeline_texts(self) -> TimelineTexts:
        """The sentences of all events."""
        return reduce(or_, (each.timeline for each in self.registered), AROUND_FLOWS)

    def is_completed(self, flow: str, state: object) -> bool:
        """Return whether a case of that flow has given the voter what they came for."""
        return any(each.is_completed(state) for each in self if each.slug == flow)
