"""How names are cut and folded to be found again, whatever the accents, hyphens, apostrophes, case and order.

A name is kept as its words and, where it has several, with neighbours and all of them as one word too: "Le Goff" is found by
"goff" and by "legoff", "O'Connor-Martin" by "connor" and by "oconnor".
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise

from core.answers import plain

SEPARATORS = re.compile(r"[\W_]+")
TYPED_MAXIMUM = 200
WORDS_MAXIMUM = 8


@lru_cache(maxsize=20_000)  # a million persons share some thousands of names
def words_of(name: str) -> tuple[str, ...]:
    """Its words, folded, in their order."""
    return tuple(word for word in SEPARATORS.split(plain(name)) if word)


@lru_cache(maxsize=20_000)  # likewise
def _finding(name: str) -> Mapping[str, None]:
    words = words_of(name)
    return dict.fromkeys((*words, *map("".join, pairwise(words)), *filter(None, ("".join(words),))))


def folded(*names: str) -> str:
    """All the words by which a person of these names is found: each once, in order, with a space around each."""
    found: dict[str, None] = {}
    for name in names:
        found.update(_finding(name))
    return f" {' '.join(found)} " if found else ""


def readings(typed: str) -> tuple[tuple[str, ...], ...]:
    """The ways to read what was typed as beginnings of names, the most likely first.

    After the words as they are come those where two neighbours are one: the roll may write "Legoff" for "Le Goff".
    """
    words = words_of(typed[:TYPED_MAXIMUM])[:WORDS_MAXIMUM]
    joined = ((*words[:place], words[place] + words[place + 1], *words[place + 2 :]) for place in range(len(words) - 1))
    return (words, *joined) if words else ()
