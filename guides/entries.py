"""The page of messages and errors: every sentence of refusal, why it comes, and what to do."""

from collections.abc import Iterator
from dataclasses import dataclass

from core import errors
from core.errors import DeskRefusal, Refusal
from core.places import step_anchor
from core.steps import Act, Field, Flow, Rejected, Slip, Step
from core.text import Language, Text
from core.words import guides as words
from guides.book import Book

REFUSALS: tuple[type[Refusal], ...] = tuple(
    each
    for each in vars(errors).values()
    if isinstance(each, type) and issubclass(each, Refusal) and "id" in vars(each) and not issubclass(each, DeskRefusal)
)
"""Those of `core.errors` that a voter can meet, in the order of that page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A step where a message is met: its code, its title, its chapter and its anchor there."""

    code: str
    title: str
    chapter: str
    anchor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One message. Its `id` is its anchor, and the state of its picture."""

    id: str
    sentence: str
    cause: str | None
    remedies: tuple[str, ...]
    stops: bool
    """Whether it comes as a page of its own, and not beside a field."""
    places: tuple[Place, ...]


def entries_of(book: Book, language: Language) -> tuple[Entry, ...]:
    """Every message a voter of this election can meet: beside a field, in the order of the steps; then as a page."""
    met: tuple[type[Rejected | Refusal], ...] = (*_told_at_fields(book), *REFUSALS)
    return tuple(_entry(each, book, language) for each in met)


def title_of(error_id: str, book: Book) -> Text:
    """The sentence one reads, with the numbers of this election."""
    for met in _met(book):
        if met.slip.told.id == error_id:
            return _reason(met.slip, met.field)
    return next(each.title for each in REFUSALS if each.id == error_id)


@dataclass(frozen=True, slots=True)
class _Met:
    """A slip and where one makes it."""

    flow: Flow
    step: Step
    act: Act[object]
    field: Field[object]
    slip: Slip


def _met(book: Book) -> Iterator[_Met]:
    for flow in book.flows:
        for step in flow.steps:
            for act in step.acts:
                for field in act.fields:
                    yield from (_Met(flow, step, act, field, slip) for slip in field.slips)


def _reason(slip: Slip, field: Field[object]) -> Text:
    """As `parse` says it; what only the service can say has no numbers."""
    try:
        field.parse(slip.typed)
    except Rejected as rejected:
        return rejected.reason
    return slip.told.sentence


def _told_at_fields(book: Book) -> Iterator[type[Rejected]]:
    yield from dict.fromkeys(met.slip.told for met in _met(book))


def _entry(error: type[Rejected | Refusal], book: Book, language: Language) -> Entry:
    def said(text: Text) -> str:
        return book.said(text, language)

    remedies = error.remedy if issubclass(error, Refusal) else _corrections(error.id, book)
    return Entry(
        id=error.id,
        sentence=said(title_of(error.id, book)),
        cause=None if error.cause is None else said(error.cause),
        remedies=tuple(map(said, remedies)),
        stops=issubclass(error, Refusal),
        places=tuple(
            Place(code=step.code, title=said(step.copy.title), chapter=flow.slug, anchor=step_anchor(step.code))
            for flow, step in _steps_with(error.id, book)
        ),
    )


def _corrections(error_id: str, book: Book) -> Iterator[Text]:
    for met in _met(book):
        if met.slip.told.id == error_id:
            yield words.CORRECT.fill({"field": met.field.label, "act": met.act.label})


def _steps_with(error_id: str, book: Book) -> Iterator[tuple[Flow, Step]]:
    for flow in book.flows:
        for step in flow.steps:
            slips = {slip.told.id for act in step.acts for field in act.fields for slip in field.slips}
            if error_id in slips or error_id in step.copy.refusals:
                yield flow, step
