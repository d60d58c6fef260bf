"""Splits names into words, so that a search for "legoff" also finds "Le Goff"."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

from core.forms.field_parsers import without_accents

SEPARATORS = re.compile(r"[\W_]+")
WORD = re.compile(r"[^\W_]+")
TYPED_MAXIMUM = 200
WORDS_MAXIMUM = 8


@lru_cache(maxsize=20_000)  # a million people share a few thousand names
def name_words(name: str) -> tuple[str, ...]:
    return tuple(word for word in SEPARATORS.split(without_accents(name)) if word)


@lru_cache(maxsize=20_000)
def _index_words(name: str) -> Mapping[str, None]:
    words = name_words(name)
    return dict.fromkeys((*words, *map("".join, pairwise(words)), *filter(None, ("".join(words),))))


def search_words(*names: str) -> str:
    """Return the search words for these names in one string. Each word has a space on both sides."""
    words: dict[str, None] = {}
    for name in names:
        words.update(_index_words(name))
    return f" {' '.join(words)} " if words else ""


def typed_name_interpretations(typed: str) -> tuple[tuple[str, ...], ...]:
    """Return the ways to read a typed name, most likely first. Each way is a tuple of strings."""
    words = name_words(typed[:TYPED_MAXIMUM])[:WORDS_MAXIMUM]
    joined = ((*words[:place], words[place] + words[place + 1], *words[place + 2 :]) for place in range(len(words) - 1))
    return (words, *joined) if words else ()


def does_each_begin_word_of_name(beginnings: Iterable[str], name: str | None) -> bool:
    """Return whether each string begins some word of the name. Pass strings in lower case without accents."""
    words = name_words(name or "")
    return all(any(word.startswith(beginning) for word in words) for beginning in beginnings)


def matching_parts(text: str, word_beginnings: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Return the parts of the text that match the search. Each part is a (start, end) pair."""
    spans = []
    for word in WORD.finditer(text):
        folded = without_accents(word[0])
        whole = any(folded in each for each in word_beginnings) and len(folded) > 1
        matched = max(
            (len(each) for each in word_beginnings if folded.startswith(each)), default=len(folded) if whole else 0
        )
        if matched:
            spans.append((word.start(), min(word.start() + matched, word.end())))
    return tuple(spans)
