"""The catalogue of messages that refuse something to a voter: their causes, remedies and steps."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.forms import errors
from core.forms.errors import DeskRefusal, PolicyDependentStepRefusal, Refusal
from core.forms.flow_model import Action, Field, FieldMistakeExample, FieldRejected, Flow, Step
from core.text.faces.help_page_texts import CORRECT
from core.text.text import Text

REFUSALS: tuple[type[Refusal], ...] = tuple(
    each
    for each in vars(errors).values()
    if isinstance(each, type) and issubclass(each, Refusal) and not issubclass(each, DeskRefusal) and "id" in vars(each)
)
"""The refusals that voters can meet, in the order of the help pages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorLocation:
    """A step at which a message can appear."""

    flow: Flow
    step: Step


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorCatalogueEntry:
    """One message of the catalogue. `id` is the error's id."""

    id: str
    sentence: Text
    """The sentence shown to the voter."""
    cause: Text | None
    remedies: tuple[Text, ...]
    stops: bool
    """True for a page with remedies; False for a sentence beside a field."""
    places: tuple[ErrorLocation, ...]


def catalogue_entries(flows: Sequence[Flow]) -> tuple[ErrorCatalogueEntry, ...]:
    """Return all messages of these flows: those beside fields, in the order of the steps, then pages."""
    met = tuple(each for flow in flows for step in flow.steps for each in _met_at(step))
    beside_fields = dict.fromkeys(each.slip.error for each in met)
    steps = tuple(ErrorLocation(flow=flow, step=step) for flow in flows for step in flow.steps)
    fields = (_beside_a_field(told, [each for each in met if each.slip.error is told], steps) for told in beside_fields)
    pages = (
        ErrorCatalogueEntry(
            id=refusal.id,
            sentence=refusal.title,
            cause=refusal.cause,
            remedies=refusal.remedy,
            stops=True,
            places=_places(refusal.id, steps),
        )
        for refusal in REFUSALS
    )
    absent = {refusal.id for refusal in REFUSALS if issubclass(refusal, PolicyDependentStepRefusal)}
    return (*fields, *(page for page in pages if page.places or page.id not in absent))


@dataclass(frozen=True, slots=True)
class _Met:
    """A mistake in a field, and the action of that field."""

    act: Action[object]
    field: Field[object]
    slip: FieldMistakeExample

    @property
    def reason(self) -> Text:
        """The sentence that `parse` raises, or the error's sentence without values if a use case raises it."""
        try:
            self.field.parse(self.slip.typed)
        except FieldRejected as rejected:
            return rejected.reason
        return self.slip.error.sentence


def _met_at(step: Step) -> Iterator[_Met]:
    for act in step.actions:
        for field in act.fields:
            yield from (_Met(act, field, slip) for slip in field.mistakes)


def _beside_a_field(
    told: type[FieldRejected], met: Sequence[_Met], steps: Sequence[ErrorLocation]
) -> ErrorCatalogueEntry:
    corrections = (CORRECT.fill({"field": each.field.label, "act": each.act.label}) for each in met)
    return ErrorCatalogueEntry(
        id=told.id,
        sentence=met[0].reason,
        cause=told.cause,
        remedies=tuple(corrections),
        stops=False,
        places=_places(told.id, steps),
    )


def _places(error_id: str, steps: Sequence[ErrorLocation]) -> tuple[ErrorLocation, ...]:
    """Return the steps at which the message appears beside a field or as a page."""

    def met(step: Step) -> bool:
        return error_id in step.copy.refusals or any(each.slip.error.id == error_id for each in _met_at(step))

    return tuple(place for place in steps if met(place.step))
