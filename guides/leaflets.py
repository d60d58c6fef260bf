"""Everything that one flow's handouts say in one language, as plain text and pictures: the print and the deck lay it out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from core import words as around
from core.i18n import say, words_in
from core.policy import Election
from core.text import DayOfYear, Language
from core.words import guides as words
from guides.book import Book
from guides.chapters import Chapter, Chapters, Section
from guides.entries import Entry, entries_of
from guides.handouts import Edition
from guides.pages import Album
from guides.shots import Picture, Shot, Theme, Width


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaflet:
    """It holds sentences and no function, so that another process can lay it out."""

    election: Election
    chapter: Chapter
    entries: tuple[Entry, ...]
    """The messages one can meet on this way."""
    pictures: Mapping[tuple[str, Width], Picture]
    """Of each step, by its code, in the colours of paper."""
    folder: Path
    """Where the pictures are."""
    edition: Edition
    title: str
    """As a file's properties say it: the chapter's, and the election it is for."""
    dated: str
    """The edition, as it is printed."""
    shown: str
    """Whom the pictures show."""
    desk: str
    """How to call the desk."""
    words: Mapping[str, str]

    @property
    def language(self) -> Language:
        """Whose sentences these are."""
        return self.chapter.language

    @property
    def codes(self) -> str:
        """From the first to the last."""
        sections = self.chapter.sections
        return " – ".join(dict.fromkeys((sections[0].code, sections[-1].code)))

    def picture(self, section: Section, width: Width) -> bytes | None:
        """The bytes of a step's picture, if it was taken."""
        found = self.pictures.get((section.code, width))
        return None if found is None else (self.folder / found.path).read_bytes()


def leaflets_of(book: Book, pictures: Mapping[Shot, Picture], folder: Path, edition: Edition) -> Iterator[Leaflet]:
    """One a flow and language."""
    for language in Language:
        entries = entries_of(book, language)
        album = Album(pictures=pictures, language=language)
        for chapter in Chapters(book, language).all():
            yield Leaflet(
                election=book.election,
                chapter=chapter,
                entries=tuple(entry for entry in entries if _met_on(entry, chapter)),
                pictures=dict(_pictures(chapter, album)),
                folder=folder,
                edition=edition,
                title=book.said(around.DOCUMENT_TITLE.fill({"title": chapter.title}), language),
                dated=_dated(edition, language),
                shown=book.said(words.EXAMPLE_VOTER, language),
                desk=book.said(words.DESK_AT, language),
                words=words_in(language, around, words),
            )


def _met_on(entry: Entry, chapter: Chapter) -> bool:
    return any(place.chapter == chapter.slug for place in entry.places)


def _pictures(chapter: Chapter, album: Album) -> Iterator[tuple[tuple[str, Width], Picture]]:
    for section in chapter.sections:
        for (theme, width), picture in album.of(chapter.slug, section.code).items():
            if theme is Theme.LIGHT:
                yield (section.code, width), picture


def _dated(edition: Edition, language: Language) -> str:
    day = DayOfYear(edition.day)
    return say(words.EDITION.fill({"version": edition.version, "day": day}), language)
