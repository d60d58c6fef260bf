"""Builds the entries of two help pages in one language: the error messages, and the situations."""

from collections.abc import Iterator
from dataclasses import dataclass

from core.forms.error_catalogue import ErrorCatalogueEntry
from core.forms.flow_model import Flow, Step
from core.text.text import Language, Text
from core.text.urls import HELP_MESSAGES, step_anchor
from guides.help_source import HelpSource

ANYWHERE = "partout"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLink:
    """A link to a step in the help. `chapter` is the page of the step's flow. `anchor` is the position on that page."""

    code: str
    title: str
    chapter: str
    anchor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorHelpEntry:
    id: str
    sentence: str
    cause: str | None
    remedies: tuple[str, ...]
    stops: bool
    """True if the site shows the message on its own page instead of beside a field."""
    places: tuple[StepLink, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorHelpGroup:
    """The error messages of a step, except those of earlier groups."""

    anchor: str
    place: StepLink | None
    entries: tuple[ErrorHelpEntry, ...]
    all: tuple[ErrorHelpEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SituationEntry:
    """The help about a situation, such as a stolen phone. `places` are the steps where the voter can continue."""

    id: str
    title: str
    sought: str
    steps: tuple[str, ...]
    places: tuple[StepLink, ...]
    in_order: bool


def group_entries_by_step(entries: tuple[ErrorHelpEntry, ...], help_source: HelpSource) -> Iterator[ErrorHelpGroup]:
    """Group the error messages by step. The last group contains the messages that can appear at any step."""
    places = {place.code: place for entry in entries for place in entry.places}
    for code in (step.code for flow in help_source.flows for step in flow.steps if step.code in places):
        every = tuple(entry for entry in entries if code in {place.code for place in entry.places})
        own = tuple(entry for entry in every if entry.places[0].code == code)
        yield ErrorHelpGroup(anchor=f"{HELP_MESSAGES}-{step_anchor(code)}", place=places[code], entries=own, all=every)
    anywhere = tuple(entry for entry in entries if not entry.places)
    yield ErrorHelpGroup(anchor=f"{HELP_MESSAGES}-{ANYWHERE}", place=None, entries=anywhere, all=anywhere)


def all_error_help_entries(help_source: HelpSource, language: Language) -> tuple[ErrorHelpEntry, ...]:
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
