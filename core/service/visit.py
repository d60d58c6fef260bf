"""A visit: what a face knows of whoever is there, and where an act takes them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from core.errors import Refusal
from core.ports import Recovery
from core.steps import Flow, Rejected, Shown, Step
from core.text import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What a visitor brings: opaque ids, and tokens that only they hold. A face keeps it, and never reads it."""

    network: str
    """The IPv4 address, or the /64 of an IPv6 one (rule 13)."""
    language: Language
    case: str | None = None
    link: str | None = None
    """The token of a recovery link."""
    stop: str | None = None
    """The token of "ce n'était pas moi"."""
    session: str | None = None
    device: str | None = None
    """The sealed mark of a browser that has signed in before."""

    seen: object = None
    """What the step was read from at which this visitor acts: the act decides on it, and need not read it again."""

    def with_(self, **changes: str | None) -> "Visit":
        """The same visitor, holding other things."""
        return replace(self, **changes)  # type: ignore[arg-type]  # only the ids are ever changed so


@dataclass(frozen=True, slots=True)
class Turn:
    """After an act: the step that comes next, and what the visitor holds now."""

    step: Step
    visit: Visit


class NoHandler(Exception):
    """An answer that this line has nothing to do with: a defect."""


class Line(Protocol):
    """One flow at work: what it shows a visitor, and what their answers do."""

    @property
    def flow(self) -> Flow:
        """The definition."""

    def show(self, step: Step, visit: Visit) -> Shown:
        """That step, or the one that is open to this visitor instead. Raises Refusal."""

    def standing(self, case: Recovery) -> Shown:
        """What whoever began that case of this flow is shown now, for whoever guides them."""

    def answer(self, answer: object, visit: Visit) -> Turn:
        """Does what was answered. Raises Problems, Refusal."""

    def rejected(self, step: Step, problems: Mapping[str, Rejected], visit: Visit) -> None:
        """Hears which fields could not be read at that step."""

    def refused(self, step: Step, refusal: Refusal, visit: Visit) -> None:
        """Hears that an act was refused at that step, so that the journal has it (rule 12)."""
