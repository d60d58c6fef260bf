"""Makes the search index that `templates/guides/search.js` reads."""

from collections.abc import Iterable, Iterator

import msgspec

from core.text.faces import help_page_texts as words
from core.text.faces import page_frame_texts as frame_words
from core.text.text import Language
from core.text.translation import translate
from core.text.urls import EASY_ANCHOR, HELP_FRONT, HELP_MESSAGES, help_page_file
from guides.chapter_builder import ChapterBuilder, StepSection
from guides.help_entries import error_help_groups, situation_entries
from guides.help_source import HelpSource

JSON_KEYS = {"title": "t", "address": "u", "sought": "k", "seen": "s", "body": "b"}
"""Short names for the fields. They keep the index file small."""


class SearchableHelpPlace(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename=JSON_KEYS):
    """A page or section of the help that the search can find. `sought` counts most, and `body` least."""

    title: str
    address: str
    sought: str = ""
    seen: str = ""
    body: str = ""


class HelpSearchIndex(msgspec.Struct, frozen=True):
    """The search index. `empty` contains words to ignore. `same` contains groups of synonyms."""

    places: tuple[SearchableHelpPlace, ...]
    empty: str
    same: tuple[str, ...]


def index_file_name(language: Language) -> str:
    return f"search-{language.value}.js"


def index_script(help_source: HelpSource, language: Language) -> str:
    """Return the index as a script. Browsers load scripts even from a local folder."""
    index = HelpSearchIndex(
        places=tuple(_places(help_source, language)),
        empty=translate(words.EMPTY_WORDS, language),
        same=tuple(translate(each, language) for each in words.SAME_WORDS),
    )
    return f"window.helpIndex = {msgspec.json.encode(index).decode()};\n"


def _places(book: HelpSource, language: Language) -> Iterator[SearchableHelpPlace]:
    chapters = ChapterBuilder(book, language)
    yield _front(book, language)
    # Only a search for "easy to read" finds the easy-to-read guides. Other searches find the standard guides.
    if book.easy_to_read_guides:
        yield SearchableHelpPlace(
            title=book.fill_and_translate(words.EASY_GUIDES, language),
            address=f"{help_page_file(HELP_FRONT, language)}#{EASY_ANCHOR}",
            sought=book.fill_and_translate(words.EASY_SOUGHT, language),
        )
    for flow, chapter in zip(book.flows, chapters.chapters(), strict=True):
        page = help_page_file(chapter.slug, language)
        brief = [chapter.lets_you or "", *(_sentence(fact.values) for fact in chapter.overview)]
        yield SearchableHelpPlace(title=chapter.title, address=page, sought=chapter.sought, body=_joined(brief))
        for step, section in zip(flow.steps, chapter.sections, strict=True):
            yield _section(section, page)
            for problem, (symptom, remedy) in zip(step.copy.common_problems, section.troubles, strict=True):
                sought = "" if problem.sought is None else book.fill_and_translate(problem.sought, language)
                address = f"{page}#{section.anchor}-aide"
                yield SearchableHelpPlace(title=symptom, address=address, sought=sought, body=remedy)
    for each in situation_entries(book, language):
        address, body = f"{help_page_file(each.page, language)}#{each.id}", _joined(each.steps)
        yield SearchableHelpPlace(title=each.title, address=address, sought=each.sought, body=body)
    messages = help_page_file(HELP_MESSAGES, language)
    yield SearchableHelpPlace(
        title=translate(words.MESSAGES, language),
        address=messages,
        sought=translate(words.SOUGHT_IN_MESSAGES, language),
    )
    for group in error_help_groups(book, language):
        page = help_page_file(group.page, language)
        for entry in group.entries:
            body = _joined([entry.cause or "", *entry.remedies])
            yield SearchableHelpPlace(title=entry.sentence, address=f"{page}#{entry.id}", body=body)


def _front(book: HelpSource, language: Language) -> SearchableHelpPlace:
    said = (book.fill_and_translate(text, language) for text in (words.OPENS, words.CLOSES, frame_words.CALL))
    return SearchableHelpPlace(
        title=book.fill_and_translate(words.HELP, language),
        address=help_page_file(HELP_FRONT, language),
        sought=book.fill_and_translate(words.SOUGHT_ON_FRONT, language),
        body=_joined(said),
    )


def _section(section: StepSection, page: str) -> SearchableHelpPlace:
    actions = [text for way in section.ways for action in way.actions for text in (way.lead or "", action.sentence)]
    return SearchableHelpPlace(
        title=f"{section.code} {section.name}",
        address=f"{page}#{section.anchor}",
        seen=_joined(actions),
        body=_joined(section.says),
    )


def _sentence(values: tuple[str, ...]) -> str:
    """Join sentences, or turn a list of things into one sentence."""
    listed = ", ".join(values)
    return " ".join(values) if listed.endswith(".") else f"{listed[0].upper()}{listed[1:]}."


def _joined(texts: Iterable[str]) -> str:
    return " ".join(dict.fromkeys(text for text in texts if text))
