"""The page of messages and errors: the catalogue of the core, said in one language."""

from dataclasses import dataclass

from core import catalogue
from core.places import step_anchor
from core.text import Language, Text
from guides.book import Book


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A step where a message is met: its code, its title, its chapter and its anchor there."""

    code: str
    title: str
    chapter: str
    anchor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One message. Its `id` is its anchor, and the state of its picture."""

    id: str
    sentence: str
    cause: str | None
    remedies: tuple[str, ...]
    stops: bool
    """Whether it comes as a page of its own, and not beside a field."""
    places: tuple[Place, ...]


def entries_of(book: Book, language: Language) -> tuple[Entry, ...]:
    """Every message a voter of this election can meet, in the order of the catalogue."""
    return tuple(_said(entry, book, language) for entry in book.catalogue)


def title_of(error_id: str, book: Book) -> Text:
    """The sentence one reads, with the numbers of this election."""
    return _entry(error_id, book).sentence


def remedies_of(error_id: str, book: Book) -> tuple[Text, ...]:
    """What to do."""
    return _entry(error_id, book).remedies


def _entry(error_id: str, book: Book) -> catalogue.Entry:
    return next(entry for entry in book.catalogue if entry.id == error_id)


def _said(entry: catalogue.Entry, book: Book, language: Language) -> Entry:
    def said(text: Text) -> str:
        return book.said(text, language, entry.id)

    return Entry(
        id=entry.id,
        sentence=said(entry.sentence),
        cause=None if entry.cause is None else said(entry.cause),
        remedies=tuple(map(said, entry.remedies)),
        stops=entry.stops,
        places=tuple(_place(place, said(place.step.copy.title)) for place in entry.places),
    )


def _place(place: catalogue.Place, title: str) -> Place:
    code = place.step.code
    return Place(code=code, title=title, chapter=place.flow.slug, anchor=step_anchor(code))
