"""The catalogue of errors: every message that refuses a voter something, why it comes, what to do, and where it is met."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core import errors
from core.errors import DeskRefusal, Refusal
from core.steps import Act, Field, Flow, Rejected, Slip, Step
from core.text import Text
from core.words.guides import CORRECT

REFUSALS: tuple[type[Refusal], ...] = tuple(
    each
    for each in vars(errors).values()
    if isinstance(each, type) and issubclass(each, Refusal) and "id" in vars(each) and not issubclass(each, DeskRefusal)
)
"""Those of `core.errors` that a voter can meet, in the order of that page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A step where a message is met."""

    flow: Flow
    step: Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One message. `id` is the error's."""

    id: str
    sentence: Text
    """What one reads, with the limit that was passed."""
    cause: Text | None
    remedies: tuple[Text, ...]
    stops: bool
    """Whether it comes as a page of its own, which tells the remedies; otherwise it stands beside a field."""
    places: tuple[Place, ...]


def entries_of(flows: Sequence[Flow]) -> tuple[Entry, ...]:
    """Every message a voter can meet there: beside a field, in the order of the steps; then as a page."""
    met = tuple(_met(flows))
    beside_fields = dict.fromkeys(each.slip.told for each in met)
    steps = tuple(Place(flow=flow, step=step) for flow in flows for step in flow.steps)
    fields = (_beside_a_field(told, [each for each in met if each.slip.told is told], steps) for told in beside_fields)
    return (*fields, *(_page(refusal, steps) for refusal in REFUSALS))


@dataclass(frozen=True, slots=True)
class _Met:
    """A slip and where one makes it."""

    act: Act[object]
    field: Field[object]
    slip: Slip

    @property
    def reason(self) -> Text:
        """As `parse` says it; what only the service can say has no numbers."""
        try:
            self.field.parse(self.slip.typed)
        except Rejected as rejected:
            return rejected.reason
        return self.slip.told.sentence


def _met(flows: Sequence[Flow]) -> Iterator[_Met]:
    for flow in flows:
        for step in flow.steps:
            yield from _met_at(step)


def _met_at(step: Step) -> Iterator[_Met]:
    for act in step.acts:
        for field in act.fields:
            yield from (_Met(act, field, slip) for slip in field.slips)


def _beside_a_field(told: type[Rejected], met: Sequence[_Met], steps: Sequence[Place]) -> Entry:
    corrections = (CORRECT.fill({"field": each.field.label, "act": each.act.label}) for each in met)
    return Entry(
        id=told.id,
        sentence=met[0].reason,
        cause=told.cause,
        remedies=tuple(corrections),
        stops=False,
        places=_places(told.id, steps),
    )


def _page(refusal: type[Refusal], steps: Sequence[Place]) -> Entry:
    return Entry(
        id=refusal.id,
        sentence=refusal.title,
        cause=refusal.cause,
        remedies=refusal.remedy,
        stops=True,
        places=_places(refusal.id, steps),
    )


def _places(error_id: str, steps: Sequence[Place]) -> tuple[Place, ...]:
    """Beside one of its fields, or in its stead."""

    def met(step: Step) -> bool:
        return error_id in step.copy.refusals or any(each.slip.told.id == error_id for each in _met_at(step))

    return tuple(place for place in steps if met(place.step))
