"""The page of situations around the flows, in one language."""

from collections.abc import Iterator
from dataclasses import dataclass

from core.flows.help_situations import VoterSituation
from core.policy.urls import step_anchor
from core.text.text import Language, Text
from guides.error_help_entries import StepLink
from guides.help_source import HelpSource


@dataclass(frozen=True, slots=True, kw_only=True)
class SituationEntry:
    """One situation. Its `id` is its anchor."""

    id: str
    title: str
    sought: str
    steps: tuple[str, ...]
    places: tuple[StepLink, ...]
    in_order: bool


def situation_entries(help_source: HelpSource, language: Language) -> tuple[SituationEntry, ...]:
    """Return every situation that the help answers."""

    def translated(text: Text) -> str:
        return help_source.fill_and_translate(text, language)

    return tuple(
        SituationEntry(
            id=each.id,
            title=translated(each.title),
            sought=translated(each.sought),
            steps=tuple(map(translated, each.steps)),
            places=tuple(_places(each, help_source, language)),
            in_order=each.in_order,
        )
        for each in help_source.situations
    )


def _places(situation: VoterSituation, book: HelpSource, language: Language) -> Iterator[StepLink]:
    """Return the steps where the way goes on, as far as the help has them."""
    for step in situation.leads_to:
        for flow in book.flows:
            if step.code in {each.code for each in flow.steps}:
                yield StepLink(
                    code=step.code,
                    title=book.fill_and_translate(step.copy.title, language, step.code),
                    chapter=flow.slug,
                    anchor=step_anchor(step.code),
                )
