"""The interface between a face and a flow's handler: the visit, and the step that comes next."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import msgspec

from core.flows.dependencies import Dependencies
from core.forms.errors import Refusal
from core.forms.flow_model import FieldRejected, FlowSteps, Form, ShownStep, Step
from core.ports import RecoveryCase, Voter
from core.text.text import Language

PENDING_LIFE = timedelta(hours=1)
"""Lifetime of the cookie that holds what was typed before anything is stored."""


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """The opaque ids and tokens that a visitor's browser holds. A face keeps them and reads none."""

    network: str
    """The IPv4 address, or the /64 of an IPv6 one (rule 13)."""
    language: Language
    case: str | None = None
    pending: str | None = None
    """The sealed request of a visitor who has no case yet."""
    link: str | None = None
    """The token of a recovery link."""
    confirmation: str | None = None
    """The token of a link that confirms the request of an identifier."""
    contact: str | None = None
    """The browser's id of its last request to the desk."""
    stop: str | None = None
    """The token of "ce n'était pas moi"."""
    session: str | None = None
    device: str | None = None
    """The sealed mark of a browser that has signed in before."""
    form: bytes | None = None
    """The digest of the form that is answered now (`core.flows.repeated_forms`)."""
    opening: str | None = None
    """The sealed form of `link`, made anew at each opening, so that no other browser has the same."""
    reading: bool = False
    """True while a page is only shown and nothing is answered."""

    def with_(self, **changes: str | None) -> "Visit":
        """The same visit with other ids and tokens."""
        return msgspec.structs.replace(self, **changes)


@dataclass(frozen=True, slots=True)
class StepResult:
    """The step that comes after an answer, and what the browser holds then."""

    step: Step
    visit: Visit
    typed: Form = field(default_factory=dict)
    """Values typed before that the next step asks for too, so that they need not be typed again."""


class UnhandledAnswerError(Exception):
    """No code handles an answer of that type: a defect."""


class FlowHandler(ABC):
    """Shows the steps of one flow to a visitor, and does what they answer. By default a flow has no cases, and records no field."""

    steps: FlowSteps
    dependencies: Dependencies

    @abstractmethod
    def show(self, step: Step, visit: Visit) -> ShownStep:
        """Show that step, or the one that is open to this visitor instead. Raises Refusal."""

    def current_step(self, case: RecoveryCase) -> ShownStep:
        """The page that the browser of this case is shown now, for an agent who guides its voter. A flow without cases has none."""
        # Not abstract, since flows without cases are never asked; a test over the registry holds the others to their own.
        raise NotImplementedError(self.steps.flow.slug, case.number)

    def sentence_values_of_voter(self, voter: Voter) -> Mapping[str, object]:  # noqa: ARG002  # some flows print nothing
        """Return what the flow's pages and messages print about a voter whatever the case, by its names in sentences."""
        return {}

    @abstractmethod
    def answer(self, answer: object, visit: Visit) -> StepResult:
        """Do what was answered. Raises FormErrors, Refusal."""

    def record_unreadable_fields(self, step: Step, problems: Mapping[str, FieldRejected], visit: Visit) -> None:  # noqa: B027  # in most flows that is no act
        """Record which fields could not be read at that step."""

    def record_refusal(self, step: Step, refusal: Refusal, visit: Visit) -> None:  # noqa: ARG002  # some flows know who was refused
        """Write into the journal that an answer was refused at that step (rule 12)."""
        self.dependencies.record_refusal(refusal)
