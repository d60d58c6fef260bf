"""The page of situations around the flows, in one language."""

from collections.abc import Iterator
from dataclasses import dataclass

from core.flows.situations import Situation
from core.policy.urls import step_anchor
from core.text.text import Language, Text
from guides.help_source import HelpSource
from guides.message_entries import StepLink


@dataclass(frozen=True, slots=True, kw_only=True)
class SituationEntry:
    """One situation. Its `id` is its anchor."""

    id: str
    title: str
    sought: str
    steps: tuple[str, ...]
    places: tuple[StepLink, ...]


def situation_entries(book: HelpSource, language: Language) -> tuple[SituationEntry, ...]:
    """Return every situation that the help answers."""

    def translated(text: Text) -> str:
        return book.translated(text, language)

    return tuple(
        SituationEntry(
            id=each.id,
            title=translated(each.title),
            sought=translated(each.sought),
            steps=tuple(map(translated, each.steps)),
            places=tuple(_places(each, book, language)),
        )
        for each in book.situations
    )


def _places(situation: Situation, book: HelpSource, language: Language) -> Iterator[StepLink]:
    """Return the steps where the way goes on, as far as the help has them."""
    for step in situation.leads_to:
        for flow in book.flows:
            if step.code in {each.code for each in flow.steps}:
                yield StepLink(
                    code=step.code,
                    title=book.translated(step.copy.title, language, step.code),
                    chapter=flow.slug,
                    anchor=step_anchor(step.code),
                )
