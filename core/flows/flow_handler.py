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


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """The network, the language and the cookies of a visitor's browser."""

    network: str
    """The visitor's IPv4 address or IPv6 /64 network."""
    language: Language
    case: str | None = None
    pending: str | None = None
    """Encrypted cookie that contains a request for a recovery email."""
    link: str | None = None
    """The token from the password recovery link that the visitor opened."""
    confirmation: str | None = None
    """The token from the emailed link that confirms an identifier request."""
    contact: str | None = None
    stop: str | None = None
    session: str | None = None
    device: str | None = None
    form: bytes | None = None
    """Digest of the submitted form. The digest stays the same when the form is sent again."""
    opening: str | None = None
    """Encrypted token of the opened link. The value is different at each opening."""
    reading: bool = False

    def with_(self, **changes: str | None) -> "Visit":
        return msgspec.structs.replace(self, **changes)


@dataclass(frozen=True, slots=True)
class StepResult:
    step: Step
    visit: Visit
    typed: Form = field(default_factory=dict)


class UnhandledAnswerError(Exception):
    """Raised because of a bug: the handler does not support the form."""


class FlowHandler(ABC):
    steps: FlowSteps
    dependencies: Dependencies

    @abstractmethod
    def show(self, step: Step, visit: Visit) -> ShownStep:
        """Return the page of `step`, or another page if `step` is not possible. Raises Refusal."""

    def current_step(self, case: RecoveryCase) -> ShownStep:
        """Return the step that the voter of this case sees now."""
        # Not abstract: flows without cases do not need it. A test checks that the others override it.
        raise NotImplementedError(self.steps.flow.slug, case.number)

    def sentence_values_of_voter(self, voter: Voter) -> Mapping[str, object]:  # noqa: ARG002  # some flows show nothing
        """Return this voter's values for placeholders in the flow's sentences."""
        return {}

    @abstractmethod
    def answer(self, answer: object, visit: Visit) -> StepResult: ...

    def record_unreadable_fields(self, step: Step, problems: Mapping[str, FieldRejected], visit: Visit) -> None:  # noqa: B027  # most flows record nothing
        """Record in the journal which form fields were invalid. By default, record nothing."""

    def record_refusal(self, step: Step, refusal: Refusal, visit: Visit) -> None:  # noqa: ARG002  # used by subclasses
        self.dependencies.record_refusal(refusal)
