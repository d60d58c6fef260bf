"""Measures how readable the help is."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from msgspec import structs

from core.flows.example_facts import HelpExampleFacts
from core.text.language_facts import LANGUAGES, VOWELS
from core.text.text import Language, Text
from guides.chapter_builder import ChapterBuilder, FlowChapter
from guides.easy_pages import easy_to_read_chapter
from guides.help_entries import all_error_help_entries, situation_entries
from guides.help_source import HelpSource

LONGEST = 20
"""Maximum number of words in a sentence (ISO 24495-1 asks for short sentences)."""
VALUE = "X"
SENTENCE_ENDS = re.compile(r"(?<=[.!?])\s+|\s+(?=–\s)|(?<=:)\s+")
"""A pattern for the space between two sentences. A colon also ends a sentence."""
WORD = re.compile(r"[^\W_][\w@.'’/-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadabilityScore:
    language: Language
    sentences: int
    average: float
    longest: int
    too_long: tuple[str, ...]
    banned: tuple[str, ...]
    ease: float
    """Score from 0 (unreadable) to 100 (very easy). Plain language reaches 60."""


def measure_readability(help_source: HelpSource, language: Language) -> ReadabilityScore:
    """Measure how readable the help is in one language. Each placeholder counts as one word."""
    example = help_source.example
    own = {place: _blanks(facts) for place, facts in example.own.items()}
    blank = replace(help_source, example=HelpExampleFacts(everywhere=_blanks(example.everywhere), own=own))
    sentences = tuple(dict.fromkeys(sentence for text in _texts(blank, language) for sentence in sentences_of(text)))
    counts = {sentence: len(split_words(sentence)) for sentence in sentences}
    words = [word for sentence in sentences for word in split_words(sentence)]
    average = len(words) / len(sentences)
    syllables = sum(count_syllables(word, language) for word in words) / len(words)
    whole, a_word, a_syllable = LANGUAGES[language].ease
    return ReadabilityScore(
        language=language,
        sentences=len(sentences),
        average=average,
        longest=max(counts.values()),
        too_long=tuple(sentence for sentence, count in counts.items() if count > LONGEST),
        banned=tuple(sentence for sentence in sentences if LANGUAGES[language].discouraged.search(sentence)),
        ease=whole - a_word * average - a_syllable * syllables,
    )


def _blanks(facts: Mapping[str, object]) -> dict[str, object]:
    return {name: _blank_in(fact) if isinstance(fact, Text) else VALUE for name, fact in facts.items()}


def _blank_in(sentence: Text) -> Text:
    counted = {name: each if isinstance(each, int) else VALUE for name, each in sentence.params.items()}
    return structs.replace(sentence, params=counted)


def sentences_of(text: str) -> tuple[str, ...]:
    return tuple(sentence for sentence in SENTENCE_ENDS.split(text.replace("\u00a0", " ")) if split_words(sentence))


def split_words(sentence: str) -> list[str]:
    """Split a sentence into words. An address or a hyphenated word counts as one."""
    return WORD.findall(sentence)


def count_syllables(word: str, language: Language) -> int:
    """Estimate the number of syllables in a word. A silent ending does not count."""
    return max(1, len(VOWELS.findall(LANGUAGES[language].mute_ending.sub("", word.lower()))))


def _texts(book: HelpSource, language: Language) -> Iterator[str]:
    for chapter in ChapterBuilder(book, language).chapters():
        yield chapter.lets_you or ""
        for section in chapter.sections:
            yield from section.says
            for way in section.ways:
                yield way.lead or ""
                for action in way.actions:
                    yield from (action.sentence, action.hint or "", *action.rules)
            for symptom_and_remedy in section.troubles:
                yield from symptom_and_remedy
        yield from easy_to_read_sentences(chapter, book)
    for entry in all_error_help_entries(book, language):
        yield from (entry.sentence, entry.cause or "", *entry.remedies)
    for situation in situation_entries(book, language):
        yield from (situation.title, *situation.steps)


def easy_to_read_sentences(chapter: FlowChapter, book: HelpSource) -> Iterator[str]:
    """Yield the titles and sentences of a chapter's easy-to-read guide, if any."""
    guide = easy_to_read_chapter(chapter, book)
    for section in () if guide is None else guide.sections:
        yield from (section.title, *(sentence for _, sentence in section.sentences))
