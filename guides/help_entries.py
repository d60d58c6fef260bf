"""Builds the entries of two help pages: error messages and situations."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from core.forms.error_catalogue import ErrorCatalogueEntry, catalogue_entries
from core.forms.flow_model import Flow, Step
from core.text.text import Language, Text
from core.text.urls import help_messages_page_name, step_anchor
from guides.help_source import HelpSource


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLink:
    """A link to a step in the help. `chapter` is the flow's slug."""

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
    """True if the message has a separate page, False if it appears beside a field."""
    places: tuple[StepLink, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorHelpGroup:
    """The error messages of a step, or of any step if `place` is None."""

    place: StepLink | None
    entries: tuple[ErrorHelpEntry, ...]

    @property
    def page(self) -> str:
        return help_messages_page_name(None if self.place is None else self.place.code)


@dataclass(frozen=True, slots=True, kw_only=True)
class SituationEntry:
    """The help about a situation, such as a stolen phone."""

    id: str
    page: str
    title: str
    sought: str
    steps: tuple[str, ...]
    places: tuple[StepLink, ...]
    in_order: bool


def error_help_groups(help_source: HelpSource, language: Language) -> Iterator[ErrorHelpGroup]:
    """Group the error messages by step. Messages that can appear at any step come last."""
    for flow in help_source.flows:
        for step in flow.steps:
            of_step = (entry for entry in catalogue_entries([replace(flow, steps=(step,))]) if entry.places)
            entries = tuple(_error_help_entry(entry, help_source, language) for entry in of_step)
            if entries:
                yield ErrorHelpGroup(place=entries[0].places[0], entries=entries)
    anywhere = tuple(entry for entry in all_error_help_entries(help_source, language) if not entry.places)
    yield ErrorHelpGroup(place=None, entries=anywhere)


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
        places=tuple(
            _step_link(place.step, place.flow, said(place.flow.name_of(place.step))) for place in entry.places
        ),
    )


def situation_entries(help_source: HelpSource, language: Language) -> tuple[SituationEntry, ...]:
    def said(text: Text, at: str = "") -> str:
        return help_source.fill_and_translate(text, language, at)

    return tuple(
        SituationEntry(
            id=each.id,
            page=each.page,
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
