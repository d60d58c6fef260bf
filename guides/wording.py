"""Whether the help can be read by someone in a hurry: how long its sentences are, which words it avoids, how easy it is."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from core.example import Example
from core.text import Language, Text
from guides.book import Book
from guides.chapters import Chapter, Chapters
from guides.entries import Entry, entries_of

LONGEST = 20
"""Words an instruction (ISO 24495-1 asks for short ones; the figure is the issue's)."""
AVERAGE = 12
VALUE = "X"
BANNED = re.compile(r"\b(invalides?|veuillez|erreur générale|invalid|general error)\b", re.IGNORECASE)
SENTENCE_ENDS = re.compile(r"(?<=[.!?])\s+|\s+(?=–\s)|(?<=:)\s+")
"""What follows a colon is read as a sentence of its own."""
WORD = re.compile(r"[^\W_][\w@.'’/-]*")
VOWELS = re.compile(r"[aeiouyàâäéèêëîïôöùûüÿœæ]+")
MUTE = {Language.FRENCH: re.compile(r"(?<=.)(e|es|ent)$"), Language.ENGLISH: re.compile(r"(?<=.)(?<![l])e$")}
EASE = {Language.FRENCH: (207.0, 1.015, 73.6), Language.ENGLISH: (206.835, 1.015, 84.6)}
"""Kandel and Moles (1958) for French, Flesch (1948) for English: whole, a word a sentence, a syllable a word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What was measured in one language."""

    language: Language
    sentences: int
    average: float
    longest: int
    too_long: tuple[str, ...]
    banned: tuple[str, ...]
    ease: float
    """From 0, unreadable, to 100; 60 is plain."""


def wording_of(book: Book, language: Language) -> Wording:
    """Measures the whole help in that language. A value that is filled in counts as one word: a date, the desk's hours."""
    blank = replace(book, example=_blank(book.example))
    sentences = tuple(dict.fromkeys(sentence for text in _texts(blank, language) for sentence in split(text)))
    counts = {sentence: len(words_of(sentence)) for sentence in sentences}
    words = [word for sentence in sentences for word in words_of(sentence)]
    average = len(words) / len(sentences)
    syllables = sum(syllables_of(word, language) for word in words) / len(words)
    whole, a_word, a_syllable = EASE[language]
    return Wording(
        language=language,
        sentences=len(sentences),
        average=average,
        longest=max(counts.values()),
        too_long=tuple(sentence for sentence, count in counts.items() if count > LONGEST),
        banned=tuple(sentence for sentence in sentences if BANNED.search(sentence)),
        ease=whole - a_word * average - a_syllable * syllables,
    )


def _blank(example: Example) -> Example:
    """A value that is a sentence is one to be read."""
    own = {place: _blanks(facts) for place, facts in example.own.items()}
    return Example(everywhere=_blanks(example.everywhere), own=own)


def _blanks(facts: Mapping[str, object]) -> dict[str, object]:
    return {name: _blank_in(fact) if isinstance(fact, Text) else VALUE for name, fact in facts.items()}


def _blank_in(sentence: Text) -> Text:
    """What it counts decides its plural."""
    counted = {name: each if isinstance(each, int) else VALUE for name, each in sentence.params.items()}
    return replace(sentence, params=counted)


def split(text: str) -> tuple[str, ...]:
    """Its sentences."""
    return tuple(sentence for sentence in SENTENCE_ENDS.split(text.replace("\u00a0", " ")) if words_of(sentence))


def words_of(sentence: str) -> list[str]:
    """Its words: an address is one, and so is what an apostrophe or a hyphen joins."""
    return WORD.findall(sentence)


def syllables_of(word: str, language: Language) -> int:
    """About how many are heard: groups of vowels, a mute ending left out."""
    return max(1, len(VOWELS.findall(MUTE[language].sub("", word.lower()))))


def _texts(book: Book, language: Language) -> Iterator[str]:
    for chapter in Chapters(book, language).all():
        yield from _of_a_chapter(chapter)
    for entry in entries_of(book, language):
        yield from _of_an_entry(entry)


def _of_a_chapter(chapter: Chapter) -> Iterator[str]:
    yield chapter.lets_you or ""
    for section in chapter.sections:
        yield from section.says
        for way in section.ways:
            yield way.lead or ""
            for action in way.actions:
                yield from (action.sentence, action.hint or "", *action.rules)
        for trouble in section.troubles:
            yield from (trouble.sign, trouble.remedy)


def _of_an_entry(entry: Entry) -> Iterator[str]:
    yield from (entry.sentence, entry.cause or "", *entry.remedies)
