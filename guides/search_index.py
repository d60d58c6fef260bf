"""The search index of the help, which the site's own script reads.

The index is a script itself, because a page opened as a file may not fetch one.
"""

from collections.abc import Iterable, Iterator

import msgspec

from core.policy.urls import EASY_ANCHOR, HELP_FRONT, HELP_MESSAGES, HELP_SITUATIONS, help_page_file
from core.text.faces import help_page_texts as words
from core.text.text import Language
from core.text.translation import translate
from guides.chapter_builder import ChapterBuilder, FlowChapter, StepSection
from guides.error_help_entries import ErrorHelpEntry, all_error_help_entries
from guides.help_source import HelpSource
from guides.situation_entries import SituationEntry, situation_entries

SHORT = {"title": "t", "address": "u", "sought": "k", "seen": "s", "body": "b"}
"""The short names of the fields in the script."""


class SearchIndexEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename=SHORT):
    """A place to find; `address` is from the site's root. `sought` weighs most, `body` least."""

    title: str
    address: str
    sought: str = ""
    seen: str = ""
    """The buttons and the symptoms at that place."""
    body: str = ""


class SearchIndex(msgspec.Struct, frozen=True):
    """The whole index, with the ignored words and the synonyms."""

    places: tuple[SearchIndexEntry, ...]
    empty: str
    same: tuple[str, ...]


def index_file_name(language: Language) -> str:
    """Return the index's file name, at the site's root."""
    return f"search-{language.value}.js"


def index_script(help_source: HelpSource, language: Language) -> str:
    """Return the index as a script that passes it to the script that loaded it."""
    index = SearchIndex(
        places=tuple(_places(help_source, language)),
        empty=translate(words.EMPTY_WORDS, language),
        same=tuple(translate(each, language) for each in words.SAME_WORDS),
    )
    return f"window.helpIndex = {msgspec.json.encode(index).decode()};\n"


def _places(book: HelpSource, language: Language) -> Iterator[SearchIndexEntry]:
    chapters = ChapterBuilder(book, language)
    yield _front(book, chapters, language)
    if book.easy_to_read_guides:
        yield _easy(book, language)
    for chapter in chapters.chapters():
        page = help_page_file(chapter.slug, language)
        yield SearchIndexEntry(title=chapter.title, address=page, sought=chapter.sought, body=_joined(_brief(chapter)))
        yield from (_section(section, page) for section in chapter.sections)
    around = help_page_file(HELP_SITUATIONS, language)
    yield from (_situation(entry, around) for entry in situation_entries(book, language))
    messages = help_page_file(HELP_MESSAGES, language)
    yield SearchIndexEntry(
        title=translate(words.MESSAGES, language),
        address=messages,
        sought=translate(words.SOUGHT_IN_MESSAGES, language),
    )
    yield from (_entry(entry, messages) for entry in all_error_help_entries(book, language))


def _front(book: HelpSource, chapters: ChapterBuilder, language: Language) -> SearchIndexEntry:
    dates = (book.fill_and_translate(words.OPENS, language), book.fill_and_translate(words.CLOSES, language))
    where = [text for fact in chapters.contact_facts() for text in (fact.label, *fact.values)]
    return SearchIndexEntry(
        title=book.fill_and_translate(words.HELP, language),
        address=help_page_file(HELP_FRONT, language),
        sought=book.fill_and_translate(words.SOUGHT_ON_FRONT, language),
        body=_joined([*dates, *where]),
    )


def _easy(book: HelpSource, language: Language) -> SearchIndexEntry:
    """Return the place of the easy-to-read guides, found by their kind only: other questions lead to the ordinary ones."""
    return SearchIndexEntry(
        title=book.fill_and_translate(words.EASY_GUIDES, language),
        address=f"{help_page_file(HELP_FRONT, language)}#{EASY_ANCHOR}",
        sought=book.fill_and_translate(words.EASY_SOUGHT, language),
    )


def _brief(chapter: FlowChapter) -> Iterator[str]:
    yield chapter.lets_you or ""
    yield from (value for fact in chapter.facts for value in fact.values)


def _section(section: StepSection, page: str) -> SearchIndexEntry:
    """Return a step's place; its buttons and symptoms weigh more than the rest."""
    actions = [text for way in section.ways for action in way.actions for text in (way.lead or "", action.sentence)]
    signs = [trouble.sign for trouble in section.troubles]
    remedies = [trouble.remedy for trouble in section.troubles]
    return SearchIndexEntry(
        title=f"{section.code} {section.title}",
        address=f"{page}#{section.anchor}",
        seen=_joined([*actions, *signs]),
        body=_joined([*section.says, *remedies]),
    )


def _situation(entry: SituationEntry, page: str) -> SearchIndexEntry:
    address, body = f"{page}#{entry.id}", _joined(entry.steps)
    return SearchIndexEntry(title=entry.title, address=address, sought=entry.sought, body=body)


def _entry(entry: ErrorHelpEntry, page: str) -> SearchIndexEntry:
    body = _joined([entry.cause or "", *entry.remedies])
    return SearchIndexEntry(title=entry.sentence, address=f"{page}#{entry.id}", body=body)


def _joined(texts: Iterable[str]) -> str:
    return " ".join(dict.fromkeys(text for text in texts if text))
