"""The site: MkDocs turns the pages into HTML with our own theme. Nothing is copied that is not shared with the forms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import files
from pathlib import Path

from mkdocs.commands.build import build
from mkdocs.config import load_config

from core import words as around
from core.i18n import words_in
from core.places import HELP_FRONT, help_page
from core.policy import Election
from core.text import Language, Text
from core.words import guides as words
from guides.book import Book
from guides.chapters import calling
from guides.handouts import Handout
from guides.pages import Page, pages_of
from guides.search import index_file, index_script
from guides.shots import Picture, Shot

CONFIGURATION = "mkdocs.yml"
SHELF = "shelf"
"""The name under which MkDocs's configuration carries what is to be built, from here to the hook."""


@dataclass(frozen=True)
class Shelf:
    """What is to be built: a book, the pictures that stand in a folder, the handouts that stand in another."""

    book: Book
    pictures: Mapping[Shot, Picture] = field(default_factory=dict)
    folder: Path = Path()
    handouts: Sequence[Handout] = ()
    handed_from: Path = Path()

    @cached_property
    def pages(self) -> Mapping[str, Page]:
        """Every page, by its Markdown file."""
        return {page.source: page for page in pages_of(self.book, self.pictures, self.handouts)}

    @cached_property
    def scripts(self) -> Mapping[str, str]:
        """What the search reads, by file."""
        return {index_file(language): index_script(self.book, language) for language in Language}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tongue:
    """A link of the language switch: the same page in another language, under that language's own name."""

    tag: str
    name: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What the theme prints around a page. Addresses are from the site's root."""

    language: Language
    election: Election
    title: str
    home: str
    index: str
    calling: str
    hours: str
    """When the desk answers."""
    tongues: tuple[Tongue, ...]
    words: Mapping[str, str]


def frame_of(page: Page, book: Book) -> Frame:
    """The frame of that page."""
    language = page.language
    return Frame(
        language=language,
        election=book.election,
        title=book.said(around.DOCUMENT_TITLE.fill({"title": page.title}), language),
        home=help_page(HELP_FRONT, language),
        index=index_file(language),
        calling=calling(book.election.desk_phone),
        hours=book.said(Text("{desk_hours}"), language),
        tongues=tuple(
            Tongue(tag=each.value, name=name, address=help_page(page.name, each))
            for each, name in around.AUTONYMS.items()
            if each is not language
        ),
        words=words_in(language, around, words),
    )


def build_site(shelf: Shelf, to: Path) -> None:
    """Writes it there, strictly: a broken link is an error. Raises mkdocs.exceptions.Abort."""
    config = load_config(
        str(configuration()),
        site_name=shelf.book.election.name,
        site_dir=str(to.resolve()),
        docs_dir=str(files("templates") / "static"),
        theme={"name": None, "custom_dir": str(files("templates") / "guides")},
        hooks=[str(files("guides") / "hook.py")],
        extra={SHELF: shelf},
        strict=True,
    )
    build(config)


def configuration() -> Path:
    """MkDocs's settings: beside the packages in a checkout, inside this one once installed."""
    inside = Path(str(files("guides"))) / CONFIGURATION
    return inside if inside.exists() else inside.parent.parent / CONFIGURATION
