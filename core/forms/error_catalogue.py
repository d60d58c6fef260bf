"""Lists every error message that a voter can see."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.forms import errors
from core.forms.errors import DeskRefusal, PolicyDependentStepRefusal, Refusal
from core.forms.errors.error_families import LEFT_EMPTY
from core.forms.flow_model import Action, Field, FieldMistakeExample, FieldRejected, Flow, Step
from core.text.faces.help_page_texts import CORRECT, FILL_IN_MISSING
from core.text.text import Text

REFUSALS: tuple[type[Refusal], ...] = tuple(
    each
    for each in vars(errors).values()
    if isinstance(each, type) and issubclass(each, Refusal) and not issubclass(each, DeskRefusal) and "id" in vars(each)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorLocation:
    flow: Flow
    step: Step


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorCatalogueEntry:
    id: str
    sentence: Text
    cause: Text | None
    remedies: tuple[Text, ...]
    stops: bool
    places: tuple[ErrorLocation, ...]
    agent: tuple[Text, ...] = ()


def catalogue_entries(flows: Sequence[Flow]) -> tuple[ErrorCatalogueEntry, ...]:
    """Return all error messages of `flows`. Messages about fields come first, in the order of the steps."""
    mistakes = tuple(mistake for flow in flows for step in flow.steps for mistake in _mistakes_at(step))
    field_errors = dict.fromkeys(mistake.example.error for mistake in mistakes)
    steps = tuple(ErrorLocation(flow=flow, step=step) for flow in flows for step in flow.steps)
    fields = (
        _beside_a_field(error, [mistake for mistake in mistakes if mistake.example.error is error], steps)
        for error in field_errors
    )
    pages = (
        ErrorCatalogueEntry(
            id=refusal.id,
            sentence=refusal.title,
            cause=refusal.cause,
            remedies=refusal.remedy,
            stops=True,
            places=_places(refusal.id, steps),
            agent=refusal.agent,
        )
        for refusal in REFUSALS
    )
    absent = {refusal.id for refusal in REFUSALS if issubclass(refusal, PolicyDependentStepRefusal)}
    return (*fields, *(page for page in pages if page.places or page.id not in absent))


@dataclass(frozen=True, slots=True)
class _FieldMistake:
    action: Action[object]
    field: Field[object]
    example: FieldMistakeExample

    @property
    def reason(self) -> Text:
        try:
            self.field.parse(self.example.typed)
        except FieldRejected as rejected:
            return rejected.reason
        return self.example.error.sentence


def _mistakes_at(step: Step) -> Iterator[_FieldMistake]:
    for action in step.actions:
        for field in action.fields:
            yield from (_FieldMistake(action, field, example) for example in field.mistakes)


def _beside_a_field(
    error: type[FieldRejected], mistakes: Sequence[_FieldMistake], steps: Sequence[ErrorLocation]
) -> ErrorCatalogueEntry:
    correct = FILL_IN_MISSING if error.cause is LEFT_EMPTY else CORRECT
    corrections = (correct.fill({"field": mistake.field.label, "act": mistake.action.label}) for mistake in mistakes)
    return ErrorCatalogueEntry(
        id=error.id,
        sentence=mistakes[0].reason,
        cause=error.cause,
        remedies=tuple(corrections) if error.remedy is None else (error.remedy,),
        stops=False,
        places=_places(error.id, steps),
    )


def _places(error_id: str, steps: Sequence[ErrorLocation]) -> tuple[ErrorLocation, ...]:
    def can_occur(step: Step) -> bool:
        return error_id in step.copy.refusals or any(
            mistake.example.error.id == error_id for mistake in _mistakes_at(step)
        )

    return tuple(place for place in steps if can_occur(place.step))
