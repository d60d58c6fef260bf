"""Collects the text and pictures of the handouts."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar

from core.text.contact import ElectionContact
from core.text.faces import help_page_texts as words
from core.text.faces import page_frame_texts as frame_words
from core.text.text import DayWithYear, Language, Text
from core.text.translation import translate, translated_module_sentences
from core.text.urls import HELP_PATH, HELP_SITUATIONS, help_page_file
from guides.chapter_builder import ChapterBuilder, FlowChapter
from guides.easy_pages import EasyToReadChapter, easy_to_read_chapter
from guides.handout_files import POSTER, EditionStamp, HandoutFormat
from guides.help_entries import ErrorHelpEntry, all_error_help_entries, situation_entries
from guides.help_pages import PictureFinder
from guides.help_source import HelpSource
from guides.picture_manifest import Picture, PictureRequest, ScreenWidth, Theme

PROBLEMS_ON_POSTER = 3
FLOWS_ON_POSTER = 2
"""Number of flows on the poster. The longest flows are chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoutContent:
    """The text and pictures of a handout."""

    election: ElectionContact
    chapter: FlowChapter
    entries: tuple[ErrorHelpEntry, ...]
    pictures: Mapping[tuple[str, ScreenWidth], Picture]
    """Maps (step code, screen width) pairs to pictures in the light theme."""
    folder: Path
    edition: EditionStamp
    title: str
    """Title of the file. It combines the chapter's title and the election's name."""
    dated: str
    shown: str
    desk: str
    words: Mapping[str, str]
    easy: EasyToReadChapter | None = None

    @property
    def slug(self) -> str:
        return self.chapter.slug if self.easy is None else self.easy.name

    @property
    def handout_formats(self) -> tuple[HandoutFormat, ...]:
        return tuple(HandoutFormat) if self.easy is None else (HandoutFormat.PRINT,)

    @property
    def language(self) -> Language:
        return self.chapter.language

    @property
    def step_code_range(self) -> str:
        """Codes of the first and last step, such as "MP-1 – MP-7"."""
        sections = self.chapter.sections
        return " – ".join(dict.fromkeys((sections[0].code, sections[-1].code)))


def handout_contents(
    help_source: HelpSource, pictures: Mapping[PictureRequest, Picture], folder: Path, edition: EditionStamp
) -> Iterator[HandoutContent]:
    for language in Language:
        album = PictureFinder(pictures=pictures, language=language)
        for flow, chapter in zip(help_source.flows, ChapterBuilder(help_source, language).chapters(), strict=True):
            entries = all_error_help_entries(replace(help_source, flows=(flow,)), language)
            yield HandoutContent(
                election=help_source.election,
                chapter=chapter,
                entries=tuple(each for each in entries if each.places),
                pictures=dict(_pictures(chapter, album)),
                folder=folder,
                edition=edition,
                title=help_source.fill_and_translate(
                    frame_words.DOCUMENT_TITLE.fill({"title": chapter.title}), language
                ),
                dated=_dated(edition, language),
                shown=help_source.fill_and_translate(words.EXAMPLE_VOTER, language),
                desk=help_source.fill_and_translate(words.DESK_AT, language),
                words=translated_module_sentences(language, frame_words, words),
            )


def easy_to_read_handout_contents(
    handouts: Iterable[HandoutContent], help_source: HelpSource
) -> Iterator[HandoutContent]:
    """Yield the easy-to-read versions of the handouts. Handouts without an easy-to-read guide are skipped."""
    for each in handouts:
        guide = easy_to_read_chapter(each.chapter, help_source)
        if guide is not None:
            title = help_source.fill_and_translate(
                frame_words.DOCUMENT_TITLE.fill({"title": guide.title}), each.language
            )
            yield replace(each, easy=guide, title=title, entries=())


def _pictures(chapter: FlowChapter, album: PictureFinder) -> Iterator[tuple[tuple[str, ScreenWidth], Picture]]:
    for section in chapter.sections:
        for (theme, width), picture in album.pictures_with_all_actions(chapter.slug, section.code).items():
            if theme is Theme.LIGHT:
                yield (section.code, width), picture


def _dated(edition: EditionStamp, language: Language) -> str:
    day = DayWithYear(edition.day)
    return translate(words.EDITION.fill({"version": edition.version, "day": day}), language)


# ── The poster ───────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class PosterSituation:
    title: str
    remedy: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PosterContent:
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
    folder: Path = Path()


def posters(help_source: HelpSource, edition: EditionStamp) -> Iterator[PosterContent]:
    for language in Language:

        def said(text: Text, language: Language = language) -> str:
            return help_source.fill_and_translate(text, language)

        yield PosterContent(
            language=language,
            election=help_source.election,
            edition=edition,
            title=said(frame_words.DOCUMENT_TITLE.fill({"title": said(words.POSTER_TITLE)})),
            cases=tuple(_cases(help_source, language))[:PROBLEMS_ON_POSTER],
            dates=(said(words.OPENS), said(words.CLOSES)),
            desk=(said(frame_words.CALL), said(help_source.election.contact_ways_without_telephone[0])),
            dated=_dated(edition, language),
            words=dict(translated_module_sentences(language, frame_words, words)),
        )


def _cases(book: HelpSource, language: Language) -> Iterator[PosterSituation]:
    """Yield the poster's entries: first the longest flows, then situations such as a stolen phone."""
    help_ = f"{book.election.site}{HELP_PATH}"
    longest = sorted(book.flows, key=lambda flow: len(flow.steps), reverse=True)[:FLOWS_ON_POSTER]
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
