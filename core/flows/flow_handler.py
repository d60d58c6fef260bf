"""The interface of a flow's handler, which takes a visit and returns the next step."""

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
"""Lifetime of the cookie that holds the typed values before a case is stored."""


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """The opaque ids and tokens in a visitor's browser. Faces store them without reading them."""

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
    """The handle of the browser's last request to the desk."""
    stop: str | None = None
    """The token of a link that freezes the account."""
    session: str | None = None
    device: str | None = None
    """The sealed mark of a browser that has signed in before."""
    form: bytes | None = None
    """The digest of the form that is being answered (`core.flows.repeated_forms`)."""
    opening: str | None = None
    """`link`, sealed again at each opening, so that each browser has a different value."""
    reading: bool = False
    """True if the page is only read and no form is answered."""

    def with_(self, **changes: str | None) -> "Visit":
        return msgspec.structs.replace(self, **changes)


@dataclass(frozen=True, slots=True)
class StepResult:
    """The step after an answer, and the visit to keep."""

    step: Step
    visit: Visit
    typed: Form = field(default_factory=dict)
    """Typed values that the next step asks for too."""


class UnhandledAnswerError(Exception):
    """A bug: no code handles this type of answer."""


class FlowHandler(ABC):
    """Shows the steps of a flow and handles answers."""

    steps: FlowSteps
    dependencies: Dependencies

    @abstractmethod
    def show(self, step: Step, visit: Visit) -> ShownStep:
        """Return the step, or the step to which this visitor must go instead. Raises Refusal."""

    def current_step(self, case: RecoveryCase) -> ShownStep:
        """Return the page that the voter of this case sees now. Agents use it to guide the voter."""
        # Not abstract: flows without cases do not need it. A test checks that the others override it.
        raise NotImplementedError(self.steps.flow.slug, case.number)

    def sentence_values_of_voter(self, voter: Voter) -> Mapping[str, object]:  # noqa: ARG002  # some flows show nothing
        """Return the values about a voter, by their names in the flow's sentences. They do not depend on a case."""
        return {}

    @abstractmethod
    def answer(self, answer: object, visit: Visit) -> StepResult:
        """Handle an answer. Raises FormErrors, Refusal."""

    def record_unreadable_fields(self, step: Step, problems: Mapping[str, FieldRejected], visit: Visit) -> None:  # noqa: B027  # most flows record nothing
        """Record which fields could not be read at that step."""

    def record_refusal(self, step: Step, refusal: Refusal, visit: Visit) -> None:  # noqa: ARG002  # used by subclasses
        """Record in the journal that an answer was refused (rule 12)."""
        self.dependencies.record_refusal(refusal)
