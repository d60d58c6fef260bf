"""The page of messages and errors: the core's catalogue in one language."""

from collections.abc import Iterator
from dataclasses import dataclass

from core.forms import error_catalogue
from core.policy.urls import HELP_MESSAGES, step_anchor
from core.text.text import Language, Text
from guides.help_source import HelpSource

ANYWHERE = "partout"
"""The anchor of the messages that belong to no step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLink:
    """A step where a message is met: its code, its title, its chapter and its anchor there."""

    code: str
    title: str
    chapter: str
    anchor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorHelpEntry:
    """The help about one error. Its `id` is its anchor, and the state of its picture."""

    id: str
    sentence: str
    cause: str | None
    remedies: tuple[str, ...]
    stops: bool
    """True if the message is a page of its own instead of standing beside a field."""
    places: tuple[StepLink, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorHelpGroup:
    """The messages that may be met at one step, or at any where `place` is None.

    `entries` are those that no group before has, so that each stands once on the page; `all` are all of them.
    """

    anchor: str
    place: StepLink | None
    entries: tuple[ErrorHelpEntry, ...]
    all: tuple[ErrorHelpEntry, ...]


def group_entries_by_step(entries: tuple[ErrorHelpEntry, ...], help_source: HelpSource) -> Iterator[ErrorHelpGroup]:
    """Yield the messages by the step where they are met, in the order of the flows; then those met anywhere."""
    places = {place.code: place for entry in entries for place in entry.places}
    for code in (step.code for flow in help_source.flows for step in flow.steps if step.code in places):
        met = tuple(entry for entry in entries if code in {place.code for place in entry.places})
        own = tuple(entry for entry in met if entry.places[0].code == code)
        yield ErrorHelpGroup(anchor=f"{HELP_MESSAGES}-{step_anchor(code)}", place=places[code], entries=own, all=met)
    anywhere = tuple(entry for entry in entries if not entry.places)
    yield ErrorHelpGroup(anchor=f"{HELP_MESSAGES}-{ANYWHERE}", place=None, entries=anywhere, all=anywhere)


def all_error_help_entries(help_source: HelpSource, language: Language) -> tuple[ErrorHelpEntry, ...]:
    """Yield every message that a voter can meet, in the order of the catalogue."""
    return tuple(_said(entry, help_source, language) for entry in help_source.catalogue)


def error_title(error_id: str, help_source: HelpSource) -> Text:
    """Return the sentence of a message, with the numbers of this election."""
    return _entry(error_id, help_source).sentence


def error_remedies(error_id: str, help_source: HelpSource) -> tuple[Text, ...]:
    """Return the remedies of a message."""
    return _entry(error_id, help_source).remedies


def _entry(error_id: str, book: HelpSource) -> error_catalogue.ErrorCatalogueEntry:
    return next(entry for entry in book.catalogue if entry.id == error_id)


def _said(entry: error_catalogue.ErrorCatalogueEntry, book: HelpSource, language: Language) -> ErrorHelpEntry:
    def said(text: Text) -> str:
        return book.fill_and_translate(text, language, entry.id)

    return ErrorHelpEntry(
        id=entry.id,
        sentence=said(entry.sentence),
        cause=None if entry.cause is None else said(entry.cause),
        remedies=tuple(map(said, entry.remedies)),
        stops=entry.stops,
        places=tuple(_place(place, said(place.step.copy.title)) for place in entry.places),
    )


def _place(place: error_catalogue.ErrorLocation, title: str) -> StepLink:
    code = place.step.code
    return StepLink(code=code, title=title, chapter=place.flow.slug, anchor=step_anchor(code))
