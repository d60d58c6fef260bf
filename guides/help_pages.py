"""Writes all pages of the help as Markdown, in all languages."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from jinja2 import Environment
from markupsafe import Markup, escape

from core.flows.account.voter_space_definition import VOTER_SPACE
from core.forms.flow_model import AwaitMessageStep
from core.text.faces import help_page_texts as words
from core.text.faces import page_frame_texts as frame_words
from core.text.text import Language, Text
from core.text.translation import translated_module_sentences, wrap_unbreakable_parts
from core.text.urls import (
    HELP_FRONT,
    HELP_LAST_RESORTS,
    HELP_MESSAGES,
    HELP_SEARCH,
    HELP_SITUATIONS,
    easy_to_read_page_name,
    help_page_file,
    tel_link,
)
from guides.chapter_builder import ChapterBuilder, FlowChapter, StepSection
from guides.easy_pages import easy_to_read_chapter
from guides.handout_files import POSTER, Handout
from guides.help_entries import SituationEntry, error_help_groups, situation_entries
from guides.help_source import HelpSource
from guides.picture_manifest import LATER, PLAIN, Picture, PictureRequest, ScreenWidth, Theme
from templates import jinja_environment

PICTURES = "pictures"
SPECIAL = re.compile(r"([\\`*_{}\[\]<>#+\-.!])")


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpPage:
    """A page of the help. Its translations have the same `name`."""

    name: str
    language: Language
    title: str
    markdown: str

    @property
    def markdown_file(self) -> str:
        return help_page_file(self.name, self.language).removesuffix(".html") + ".md"


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFinder:
    pictures: Mapping[PictureRequest, Picture]
    language: Language

    def of(self, flow: str, step: str, state: str = PLAIN) -> Mapping[tuple[Theme, ScreenWidth], Picture]:
        """Return the pictures of a step in one state. The keys of the result are (theme, screen width) pairs."""
        found = {}
        for theme, width in product(Theme, ScreenWidth):
            shot = PictureRequest(flow=flow, step=step, state=state, language=self.language, theme=theme, width=width)
            if shot in self.pictures:
                found[theme, width] = self.pictures[shot]
        return found

    def pictures_with_all_actions(self, flow: str, step: str) -> Mapping[tuple[Theme, ScreenWidth], Picture]:
        return self.of(flow, step, LATER) or self.of(flow, step)


def markdown_pages(
    help_source: HelpSource,
    pictures: Mapping[PictureRequest, Picture],
    handouts: Sequence[Handout] = (),
    notice: Text | None = None,
) -> tuple[HelpPage, ...]:
    """Return all pages of the help in all languages. The front page shows `notice`."""
    return tuple(
        page for language in Language for page in _in_language(help_source, pictures, handouts, notice, language)
    )


def _in_language(
    book: HelpSource,
    pictures: Mapping[PictureRequest, Picture],
    handouts: Sequence[Handout],
    notice: Text | None,
    language: Language,
) -> Iterator[HelpPage]:
    builder, album = ChapterBuilder(book, language), PictureFinder(pictures=pictures, language=language)
    chapters, situations = builder.chapters(), situation_entries(book, language)
    easy = [each for each in (easy_to_read_chapter(chapter, book) for chapter in chapters) if each is not None]
    groups = tuple(error_help_groups(book, language))
    waiting = {step.code for step in book.flows[0].steps if isinstance(step, AwaitMessageStep)}
    awaited = next((each for each in chapters[0].sections if each.code in waiting and each.troubles), None)

    def said(text: Text) -> str:
        return book.fill_and_translate(text, language)

    def offered(slug: str) -> list[Handout]:
        return [each for each in handouts if (each.flow, each.language) == (slug, language)]

    def said_by_name(name: str, **facts: object) -> str:
        text: Text = getattr(words, name.upper())
        return said(text.fill(facts))

    def page(name: str, title: str, template: str, **own: object) -> HelpPage:
        markdown = (
            _environment()
            .get_template(template)
            .render(
                book=book,
                words=translated_module_sentences(language, frame_words, words),
                said=said_by_name,
                pictures=PICTURES if language is Language.FRENCH else f"../{PICTURES}",
                album=album,
                handouts=offered(name),
                **own,
            )
        )
        linked = _link_number(markdown, book.election.desk_phone)
        return HelpPage(name=name, language=language, title=title, markdown=linked)

    yield page(
        HELP_FRONT,
        said(words.HELP),
        "front.md",
        chapters=chapters,
        ways=_front_links(chapters, awaited, situations, said),
        easy=easy,
        facts=builder.front_facts(),
        posters=offered(POSTER),
        notice=None if notice is None else said(notice),
    )
    for chapter in chapters:
        easy_page = easy_to_read_page_name(chapter.slug) if chapter.slug in book.easy_to_read_guides else None
        yield page(chapter.slug, chapter.title, "chapter.md", chapter=chapter, easy=easy_page)
    for guide in easy:
        yield page(guide.name, guide.title, "easy.md", guide=guide)
    for name, title, intro in (
        (HELP_SITUATIONS, words.SITUATIONS, words.SITUATIONS_INTRO),
        (HELP_LAST_RESORTS, words.LAST_RESORTS, words.LAST_RESORTS_INTRO),
    ):
        entries = [entry for entry in situations if entry.page == name]
        yield page(name, said(title), "situations.md", heading=said(title), intro=said(intro), entries=entries)
    yield page(HELP_MESSAGES, said(words.MESSAGES), "messages.md", groups=groups)
    for group in groups:
        place = group.place
        heading = words.MESSAGES_ANYWHERE if place is None else words.MESSAGES_AT.fill({"step": place.code})
        yield page(group.page, said(heading), "step_messages.md", group=group, heading=said(heading))
    yield page(HELP_SEARCH, said(words.SEARCH_RESULTS), "search.md")


def _front_links(
    chapters: Sequence[FlowChapter],
    awaited: StepSection | None,
    situations: Sequence[SituationEntry],
    said: Callable[[Text], str],
) -> Iterator[tuple[str, str, str | None]]:
    """Yield the problems of the front page, most urgent first, as (address, title, text) triples."""
    guides = [
        (f"{each.slug}.html", each.title, each.lets_you) for each in chapters if each.slug != VOTER_SPACE.flow.slug
    ]
    own = [(f"{each.page}.html#{each.id}", each.title, each.steps[0]) for each in situations]
    yield from guides[:1]
    if awaited is not None:
        yield (f"{chapters[0].slug}.html#{awaited.anchor}-aide", *awaited.troubles[0])
    yield from (*guides[1:2], own[0])
    yield f"{HELP_LAST_RESORTS}.html", said(words.LAST_RESORTS), said(words.LAST_RESORTS_INTRO)
    yield from (own[-1], *guides[2:])
    yield f"{HELP_SITUATIONS}.html", said(words.SITUATIONS), said(words.SITUATIONS_INTRO)
    yield f"{HELP_MESSAGES}.html", said(words.MESSAGES), said(words.MESSAGES_INTRO)


def escape_markdown(sentence: str) -> Markup:
    """Escape a sentence so that Markdown prints it literally."""
    literal = SPECIAL.sub(r"\\\1", str(escape(sentence)).replace("&#39;", "'").replace("&#34;", '"'))
    return Markup(wrap_unbreakable_parts(literal))  # noqa: S704  # escaped above


def _link_number(markdown: str, number: str) -> str:
    """Turn the desk's number into links, so that a reader can call from a phone."""
    literal = re.escape(SPECIAL.sub(r"\\\1", str(escape(number))))
    link = rf'<a class="phone" href="{tel_link(number)}">\1</a>\2'
    return re.sub(rf'<span class="whole">({literal})(\\?[.,])?</span>', link, markdown)


@lru_cache
def _environment() -> Environment:
    made = jinja_environment.environment("guides")
    made.filters["md"] = escape_markdown
    made.globals.update(help_page=help_page_file, theme=Theme, width=ScreenWidth)
    return made
