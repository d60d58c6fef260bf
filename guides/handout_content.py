"""The content of one flow's handouts in one language, as plain text and pictures; the PDF and the deck lay it out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from core.policy.policy import ElectionContact
from core.text.faces import guide_words as words
from core.text.faces import page_words as around
from core.text.text import DayOfYear, Language
from core.text.translation import translate, translated_words
from guides.chapter_builder import ChapterBuilder, FlowChapter, StepSection
from guides.handout_files import EditionStamp, HandoutFormat
from guides.help_source import HelpSource
from guides.message_entries import MessageEntry, message_entries
from guides.pages import PictureSource
from guides.picture_files import LATER, Picture, PictureRequest, Theme, Width


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoutContent:
    """The sentences of a handout. It holds no function, so that another process can lay it out."""

    election: ElectionContact
    chapter: FlowChapter
    entries: tuple[MessageEntry, ...]
    """The messages that may be met in this flow."""
    pictures: Mapping[tuple[str, Width], Picture]
    """The pictures of each step, by its code, in light colours, with all its actions."""
    folder: Path
    """The folder of the pictures."""
    edition: EditionStamp
    title: str
    """The title in the file's properties: the chapter's, and the election's name."""
    dated: str
    """The edition as it is printed."""
    shown: str
    """The sentence that names the fictional voter."""
    desk: str
    """The sentence that says how to call the desk."""
    words: Mapping[str, str]

    @property
    def slug(self) -> str:
        """The name of its files."""
        return self.chapter.slug

    @property
    def kinds(self) -> tuple[HandoutFormat, ...]:
        """The formats that it has."""
        return tuple(HandoutFormat)

    @property
    def language(self) -> Language:
        """The language of the sentences."""
        return self.chapter.language

    @property
    def codes(self) -> str:
        """The codes of the first and the last step."""
        sections = self.chapter.sections
        return " – ".join(dict.fromkeys((sections[0].code, sections[-1].code)))

    def picture(self, section: StepSection, width: Width) -> bytes | None:
        """Return the bytes of a step's picture, if it was taken."""
        found = self.pictures.get((section.code, width))
        return None if found is None else (self.folder / found.path).read_bytes()


def handout_contents(
    book: HelpSource, pictures: Mapping[PictureRequest, Picture], folder: Path, edition: EditionStamp
) -> Iterator[HandoutContent]:
    """Yield the content of one handout a flow and language."""
    for language in Language:
        entries = message_entries(book, language)
        album = PictureSource(pictures=pictures, language=language)
        for chapter in ChapterBuilder(book, language).chapters():
            yield HandoutContent(
                election=book.election,
                chapter=chapter,
                entries=tuple(entry for entry in entries if _met_on(entry, chapter)),
                pictures=dict(_pictures(chapter, album)),
                folder=folder,
                edition=edition,
                title=book.translated(around.DOCUMENT_TITLE.fill({"title": chapter.title}), language),
                dated=_dated(edition, language),
                shown=book.translated(words.EXAMPLE_VOTER, language),
                desk=book.translated(words.DESK_AT, language),
                words=translated_words(language, around, words),
            )


def _met_on(entry: MessageEntry, chapter: FlowChapter) -> bool:
    return any(place.chapter == chapter.slug for place in entry.places)


def _pictures(chapter: FlowChapter, album: PictureSource) -> Iterator[tuple[tuple[str, Width], Picture]]:
    for section in chapter.sections:
        complete = {**album.of(chapter.slug, section.code), **album.of(chapter.slug, section.code, LATER)}
        for (theme, width), picture in complete.items():
            if theme is Theme.LIGHT:
                yield (section.code, width), picture


def _dated(edition: EditionStamp, language: Language) -> str:
    day = DayOfYear(edition.day)
    return translate(words.EDITION.fill({"version": edition.version, "day": day}), language)
