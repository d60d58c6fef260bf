"""Chapters and entries → Markdown, by Jinja: pure. Every page of the help, in every language, with its pictures."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from jinja2 import Environment
from markupsafe import Markup, escape

from core import words as around
from core.i18n import words_in
from core.places import HELP_FRONT, HELP_MESSAGES, help_page
from core.text import Language, Text
from core.words import guides as words
from guides.book import Book
from guides.chapters import Chapter, Chapters
from guides.entries import entries_of
from guides.handouts import Handout
from guides.shots import PLAIN, Picture, Shot, Theme, Width
from templates import jinja

PICTURES = "pictures"
"""The folder of the site that holds them."""
SPECIAL = re.compile(r"([\\`*_{}\[\]<>#+\-.!])")
"""What Markdown might read as its own, wherever it stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of the site: `name` is the same in every language, so that the switch leads to the same place."""

    name: str
    language: Language
    title: str
    markdown: str

    @property
    def source(self) -> str:
        """Its Markdown file, from the site's root."""
        return help_page(self.name, self.language).removesuffix(".html") + ".md"


@dataclass(frozen=True, slots=True, kw_only=True)
class Album:
    """The pictures of a page's language, found by flow, step and state."""

    pictures: Mapping[Shot, Picture]
    language: Language

    def of(self, flow: str, step: str, state: str = PLAIN) -> Mapping[tuple[Theme, Width], Picture]:
        """Those that were taken: none, or one for each theme and width."""
        found = {}
        for theme, width in product(Theme, Width):
            shot = Shot(flow=flow, step=step, state=state, language=self.language, theme=theme, width=width)
            if shot in self.pictures:
                found[theme, width] = self.pictures[shot]
        return found


def pages_of(book: Book, pictures: Mapping[Shot, Picture], handouts: Sequence[Handout] = ()) -> tuple[Page, ...]:
    """The whole help."""
    return tuple(page for language in Language for page in _in_language(book, pictures, handouts, language))


def _in_language(
    book: Book, pictures: Mapping[Shot, Picture], handouts: Sequence[Handout], language: Language
) -> tuple[Page, ...]:
    chapters, entries = Chapters(book, language), entries_of(book, language)
    every, album = chapters.all(), Album(pictures=pictures, language=language)
    front = _drawn("front.md", book, language, chapters=every, facts=chapters.where())
    messages = _drawn("messages.md", book, language, entries=entries, album=album)
    return (
        Page(name=HELP_FRONT, language=language, title=book.said(words.HELP, language), markdown=front),
        *(_chapter(chapter, book, album, _offered(handouts, chapter)) for chapter in every),
        Page(name=HELP_MESSAGES, language=language, title=book.said(words.MESSAGES, language), markdown=messages),
    )


def _offered(handouts: Sequence[Handout], chapter: Chapter) -> list[Handout]:
    return [each for each in handouts if (each.flow, each.language) == (chapter.slug, chapter.language)]


def _chapter(chapter: Chapter, book: Book, album: Album, handouts: list[Handout]) -> Page:
    drawn = _drawn("chapter.md", book, chapter.language, chapter=chapter, album=album, handouts=handouts)
    return Page(name=chapter.slug, language=chapter.language, title=chapter.title, markdown=drawn)


def _drawn(template: str, book: Book, language: Language, **own: object) -> str:
    def said(name: str, **facts: object) -> str:
        """A word that holds values, by its name in lower case."""
        text: Text = getattr(words, name.upper())
        return book.said(text.fill(facts), language)

    up = "" if language is Language.FRENCH else "../"
    drawn = _environment().get_template(template)
    return drawn.render(
        book=book, words=words_in(language, around, words), said=said, pictures=f"{up}{PICTURES}", **own
    )


def escaped(said: str) -> Markup:
    """A sentence as Markdown prints it, letter for letter."""
    return Markup(SPECIAL.sub(r"\\\1", str(escape(said)).replace("&#39;", "'").replace("&#34;", '"')))  # noqa: S704  # escaped just before


@lru_cache
def _environment() -> Environment:
    made = jinja.environment("guides")
    made.filters["md"] = escaped
    made.globals.update(help_page=help_page, theme=Theme, width=Width)
    return made
