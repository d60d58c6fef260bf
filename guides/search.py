"""What can be found, and by which words: the index that the site's own script reads. A script, for `fetch` is not let at file://."""

from collections.abc import Iterator

import msgspec

from core.i18n import say
from core.places import HELP_FRONT, HELP_MESSAGES, help_page
from core.text import Language
from core.words import guides as words
from guides.book import Book
from guides.chapters import Chapter, Chapters, Section
from guides.entries import Entry, entries_of


class Found(msgspec.Struct, frozen=True, rename={"title": "t", "address": "u", "sought": "k", "body": "b"}):
    """A place one can be led to. `address` is from the site's root; `sought` counts for more than `body`."""

    title: str
    address: str
    sought: str
    body: str


class Index(msgspec.Struct, frozen=True):
    """All of it, with the words that say nothing and those that mean the same."""

    places: tuple[Found, ...]
    empty: str
    same: tuple[str, ...]


def index_file(language: Language) -> str:
    """Its name, at the site's root."""
    return f"search-{language.value}.js"


def index_script(book: Book, language: Language) -> str:
    """The file: it hands the index to the script that loaded it."""
    index = Index(
        places=tuple(_places(book, language)),
        empty=say(words.EMPTY_WORDS, language),
        same=tuple(say(each, language) for each in words.SAME_WORDS),
    )
    return f"window.helpIndex = {msgspec.json.encode(index).decode()};\n"


def _places(book: Book, language: Language) -> Iterator[Found]:
    chapters = Chapters(book, language)
    yield _front(book, chapters, language)
    for chapter in chapters.all():
        page = help_page(chapter.slug, language)
        yield Found(chapter.title, page, chapter.sought, _joined(_brief(chapter)))
        yield from (_section(section, page) for section in chapter.sections)
    messages = help_page(HELP_MESSAGES, language)
    yield from (_entry(entry, messages) for entry in entries_of(book, language))


def _front(book: Book, chapters: Chapters, language: Language) -> Found:
    dates = (book.said(words.OPENS, language), book.said(words.CLOSES, language))
    where = [text for fact in chapters.where() for text in (fact.label, *fact.values)]
    title = book.said(words.HELP, language)
    return Found(
        title, help_page(HELP_FRONT, language), book.said(words.SOUGHT_ON_FRONT, language), _joined([*dates, *where])
    )


def _brief(chapter: Chapter) -> Iterator[str]:
    yield chapter.lets_you or ""
    yield from (value for fact in chapter.facts for value in fact.values)


def _section(section: Section, page: str) -> Found:
    actions = [text for way in section.ways for action in way.actions for text in (way.lead or "", action.sentence)]
    remedies = [trouble.remedy for trouble in section.troubles]
    signs = _joined(trouble.sign for trouble in section.troubles)
    return Found(
        f"{section.code} {section.title}",
        f"{page}#{section.anchor}",
        signs,
        _joined([*actions, *section.says, *remedies]),
    )


def _entry(entry: Entry, page: str) -> Found:
    return Found(entry.sentence, f"{page}#{entry.id}", "", _joined([entry.cause or "", *entry.remedies]))


def _joined(texts: "Iterator[str] | list[str]") -> str:
    return " ".join(dict.fromkeys(text for text in texts if text))
