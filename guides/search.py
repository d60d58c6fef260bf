"""What can be found, and by which words: the index that the site's own script reads.

It is a script itself: a page opened as a file may not fetch one.
"""

from collections.abc import Iterable, Iterator

import msgspec

from core.i18n import say
from core.places import HELP_FRONT, HELP_MESSAGES, help_page
from core.text import Language
from core.words import guides as words
from guides.book import Book
from guides.chapters import Chapter, Chapters, Section
from guides.entries import Entry, entries_of

SHORT = {"title": "t", "address": "u", "sought": "k", "seen": "s", "body": "b"}
"""What the script calls them."""


class Found(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename=SHORT):
    """A place one can be led to; `address` is from the site's root. What is `sought` counts most, the `body` least."""

    title: str
    address: str
    sought: str = ""
    seen: str = ""
    """What one presses there, and what one notices."""
    body: str = ""


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
        yield Found(title=chapter.title, address=page, sought=chapter.sought, body=_joined(_brief(chapter)))
        yield from (_section(section, page) for section in chapter.sections)
    messages = help_page(HELP_MESSAGES, language)
    yield from (_entry(entry, messages) for entry in entries_of(book, language))


def _front(book: Book, chapters: Chapters, language: Language) -> Found:
    dates = (book.said(words.OPENS, language), book.said(words.CLOSES, language))
    where = [text for fact in chapters.where() for text in (fact.label, *fact.values)]
    return Found(
        title=book.said(words.HELP, language),
        address=help_page(HELP_FRONT, language),
        sought=book.said(words.SOUGHT_ON_FRONT, language),
        body=_joined([*dates, *where]),
    )


def _brief(chapter: Chapter) -> Iterator[str]:
    yield chapter.lets_you or ""
    yield from (value for fact in chapter.facts for value in fact.values)


def _section(section: Section, page: str) -> Found:
    """What one presses and what one notices count for more than what is told besides."""
    actions = [text for way in section.ways for action in way.actions for text in (way.lead or "", action.sentence)]
    signs = [trouble.sign for trouble in section.troubles]
    remedies = [trouble.remedy for trouble in section.troubles]
    return Found(
        title=f"{section.code} {section.title}",
        address=f"{page}#{section.anchor}",
        seen=_joined([*actions, *signs]),
        body=_joined([*section.says, *remedies]),
    )


def _entry(entry: Entry, page: str) -> Found:
    body = _joined([entry.cause or "", *entry.remedies])
    return Found(title=entry.sentence, address=f"{page}#{entry.id}", body=body)


def _joined(texts: Iterable[str]) -> str:
    return " ".join(dict.fromkeys(text for text in texts if text))
