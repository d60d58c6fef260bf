from collections.abc import Iterator
from dataclasses import dataclass

from core.flows.easy_to_read import EasyToReadElementSentence, EasyToReadPart
from core.text.text import Language
from core.text.urls import easy_to_read_page_name, step_anchor
from guides.chapter_builder import FlowChapter, StepSection
from guides.help_source import HelpSource
from guides.step_element_numbers import numbered_elements_of_step


@dataclass(frozen=True, slots=True, kw_only=True)
class EasyToReadSection:
    """A section of an easy-to-read guide. `step` is the matching section of the standard guide."""

    anchor: str
    title: str
    step: StepSection | None
    sentences: tuple[tuple[int | None, str], ...]
    """(number, sentence) pairs. The number, if any, refers to an element in the picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EasyToReadChapter:
    chapter: FlowChapter
    title: str
    sections: tuple[EasyToReadSection, ...]

    @property
    def name(self) -> str:
        return easy_to_read_page_name(self.chapter.slug)


def easy_to_read_chapter(chapter: FlowChapter, book: HelpSource) -> EasyToReadChapter | None:
    """Return the easy-to-read guide to the flow, or None if it does not exist."""
    guide = book.easy_to_read_guides.get(chapter.slug)
    if guide is None:
        return None
    steps = {section.code: section for section in chapter.sections}
    return EasyToReadChapter(
        chapter=chapter,
        title=book.fill_and_translate(guide.title, chapter.language),
        sections=tuple(
            EasyToReadSection(
                anchor=f"partie-{place}" if part.step is None else step_anchor(part.step.code),
                title=book.fill_and_translate(part.title, chapter.language),
                step=None if part.step is None else steps[part.step.code],
                sentences=tuple(_sentences(part, book, chapter.language)),
            )
            for place, part in enumerate(guide.parts, start=1)
        ),
    )


def _sentences(part: EasyToReadPart, book: HelpSource, language: Language) -> Iterator[tuple[int | None, str]]:
    elements = () if part.step is None else numbered_elements_of_step(part.step)
    numbers = {each.name or each.target.value: each.number for each in elements}
    for each in part.sentences:
        number, text = (
            (numbers[each.element], each.sentence) if isinstance(each, EasyToReadElementSentence) else (None, each)
        )
        yield number, book.fill_and_translate(text, language)
