"""The content of the poster in one language: the three commonest cases, for staff rooms."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from core.policy.policy_and_calendar import ElectionContact
from core.policy.urls import HELP_PATH, HELP_SITUATIONS, help_page_file
from core.text.faces import help_page_texts as words
from core.text.faces import page_frame_texts as around
from core.text.text import DayWithYear, Language, Text
from core.text.translation import translate, translated_module_sentences
from guides.handout_files import POSTER, EditionStamp, HandoutFormat
from guides.help_source import HelpSource
from guides.picture_manifest import Picture
from guides.situation_entries import situation_entries

CASES = 3
LONGEST = 2
"""The number of flows on the poster: the longest, with which people need most help."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PosterSituation:
    """A case on the poster: the trouble, what to do, and the address of the help page."""

    title: str
    remedy: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PosterContent:
    """The sentences of a poster. It holds no function, so that another process can lay it out."""

    slug: ClassVar[str] = POSTER
    handout_formats: ClassVar[tuple[HandoutFormat, ...]] = (HandoutFormat.PRINT,)
    language: Language
    election: ElectionContact
    edition: EditionStamp
    title: str
    cases: tuple[PosterSituation, ...]
    dates: tuple[str, ...]
    desk: tuple[str, ...]
    dated: str
    words: dict[str, str]
    pictures: dict[str, Picture] = field(default_factory=dict)
    """No pictures, in the form of a handout's."""
    folder: Path = Path()


def posters(help_source: HelpSource, edition: EditionStamp) -> Iterator[PosterContent]:
    """Yield the poster of each language."""
    for language in Language:

        def said(text: Text, language: Language = language) -> str:
            return help_source.fill_and_translate(text, language)

        yield PosterContent(
            language=language,
            election=help_source.election,
            edition=edition,
            title=said(around.DOCUMENT_TITLE.fill({"title": said(words.POSTER_TITLE)})),
            cases=tuple(_cases(help_source, language))[:CASES],
            dates=(said(words.OPENS), said(words.CLOSES)),
            desk=(said(around.CALL), said(help_source.election.contact_ways_without_telephone[0])),
            dated=translate(
                words.EDITION.fill({"version": edition.version, "day": DayWithYear(edition.day)}), language
            ),
            words=dict(translated_module_sentences(language, around, words)),
        )


def _cases(book: HelpSource, language: Language) -> Iterator[PosterSituation]:
    """Yield the longest flows, then what happens around them, the commonest first."""
    help_ = f"{book.election.site}{HELP_PATH}"
    longest = sorted(book.flows, key=lambda flow: len(flow.steps), reverse=True)[:LONGEST]
    for flow in book.flows:
        if flow in longest and flow.overview is not None:
            yield PosterSituation(
                title=book.fill_and_translate(flow.title, language),
                remedy=book.fill_and_translate(flow.overview.lets_you, language),
                address=f"{help_}{help_page_file(flow.slug, language)}",
            )
    for entry in situation_entries(book, language):
        yield PosterSituation(
            title=entry.title,
            remedy=" ".join(entry.steps[:2]),
            address=f"{help_}{help_page_file(HELP_SITUATIONS, language)}",
        )
