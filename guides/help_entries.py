"""The entries of the help's pages on error messages and situations, in one language."""

from collections.abc import Iterator
from dataclasses import dataclass

from core.forms.error_catalogue import ErrorCatalogueEntry
from core.forms.flow_model import Flow, Step
from core.text.text import Language, Text
from core.text.urls import HELP_MESSAGES, step_anchor
from guides.help_source import HelpSource

ANYWHERE = "partout"
"""The anchor of the error messages that can appear at any step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLink:
    """A link to a step: its code, its title, its chapter and its anchor there."""

    code: str
    title: str
    chapter: str
    anchor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorHelpEntry:
    """The help about one error. Its `id` is also its anchor and the state of its picture."""

    id: str
    sentence: str
    cause: str | None
    remedies: tuple[str, ...]
    stops: bool
    """True if the message has its own page instead of appearing beside a field."""
    places: tuple[StepLink, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorHelpGroup:
    """The error messages of one step, or those of any step if `place` is None.

    `all` holds every message. `entries` leaves out those of earlier groups, so that each is printed once.
    """

    anchor: str
    place: StepLink | None
    entries: tuple[ErrorHelpEntry, ...]
    all: tuple[ErrorHelpEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SituationEntry:
    """One situation. Its `id` is its anchor. `places` are the steps where the voter continues."""

    id: str
    title: str
    sought: str
    steps: tuple[str, ...]
    places: tuple[StepLink, ...]
    in_order: bool


def group_entries_by_step(entries: tuple[ErrorHelpEntry, ...], help_source: HelpSource) -> Iterator[ErrorHelpGroup]:
    """Yield the messages of each step in the order of the flows, then those that can appear anywhere."""
    places = {place.code: place for entry in entries for place in entry.places}
    for code in (step.code for flow in help_source.flows for step in flow.steps if step.code in places):
        met = tuple(entry for entry in entries if code in {place.code for place in entry.places})
        own = tuple(entry for entry in met if entry.places[0].code == code)
        yield ErrorHelpGroup(anchor=f"{HELP_MESSAGES}-{step_anchor(code)}", place=places[code], entries=own, all=met)
    anywhere = tuple(entry for entry in entries if not entry.places)
    yield ErrorHelpGroup(anchor=f"{HELP_MESSAGES}-{ANYWHERE}", place=None, entries=anywhere, all=anywhere)


def all_error_help_entries(help_source: HelpSource, language: Language) -> tuple[ErrorHelpEntry, ...]:
    """Return every error message for voters, in the order of the catalogue."""
    return tuple(_error_help_entry(entry, help_source, language) for entry in help_source.catalogue)


def _error_help_entry(entry: ErrorCatalogueEntry, book: HelpSource, language: Language) -> ErrorHelpEntry:
    def said(text: Text) -> str:
        return book.fill_and_translate(text, language, entry.id)

    return ErrorHelpEntry(
        id=entry.id,
        sentence=said(entry.sentence),
        cause=None if entry.cause is None else said(entry.cause),
        remedies=tuple(map(said, entry.remedies)),
        stops=entry.stops,
        places=tuple(_step_link(place.step, place.flow, said(place.step.copy.title)) for place in entry.places),
    )


def situation_entries(help_source: HelpSource, language: Language) -> tuple[SituationEntry, ...]:
    """Return every situation, with those of its next steps that the help contains."""

    def said(text: Text, at: str = "") -> str:
        return help_source.fill_and_translate(text, language, at)

    return tuple(
        SituationEntry(
            id=each.id,
            title=said(each.title),
            sought=said(each.sought),
            steps=tuple(map(said, each.steps)),
            places=tuple(
                _step_link(step, flow, said(step.copy.title, step.code))
                for step in each.leads_to
                for flow in help_source.flows
                if step.code in {known.code for known in flow.steps}
            ),
            in_order=each.in_order,
        )
        for each in help_source.situations
    )


def _step_link(step: Step, flow: Flow, title: str) -> StepLink:
    return StepLink(code=step.code, title=title, chapter=flow.slug, anchor=step_anchor(step.code))
