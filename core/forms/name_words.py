"""Splits names into words for a search that ignores accents, hyphens, apostrophes, case and order.

The words of a name are also joined in pairs, so that both "goff" and "legoff" find "Le Goff".
"""

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
    """Return the words by which a search finds a person with these names, each with a space before and after it."""
    words: dict[str, None] = {}
    for name in names:
        words.update(_index_words(name))
    return f" {' '.join(words)} " if words else ""


def typed_name_interpretations(typed: str) -> tuple[tuple[str, ...], ...]:
    """Return the possible interpretations of a typed name, most likely first.

    Each interpretation is a tuple of word beginnings. Neighbouring words may be joined, because "Le Goff" may be
    "Legoff" on the roll.
    """
    words = name_words(typed[:TYPED_MAXIMUM])[:WORDS_MAXIMUM]
    joined = ((*words[:place], words[place] + words[place + 1], *words[place + 2 :]) for place in range(len(words) - 1))
    return (words, *joined) if words else ()


def does_each_begin_word_of_name(beginnings: Iterable[str], name: str | None) -> bool:
    """Return whether each string is the beginning of a word in the name. Strings must have no capitals or accents."""
    words = name_words(name or "")
    return all(any(word.startswith(beginning) for word in words) for beginning in beginnings)


def matching_parts(text: str, word_beginnings: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Return (start, end) pairs for the parts of the text that match one of these beginnings."""
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
