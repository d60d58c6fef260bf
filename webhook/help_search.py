"""The search of the help where no script runs: it ranks the places of the built index as `templates/guides/search.js` does.

A typed word stands for words one typing error away; the script, which has the reader's own processor, allows two in long words.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import inf, log
from pathlib import Path

import msgspec

from core.desk.search_query_parsing import one_error_away

WEIGHTS = {"title": 4, "sought": 5, "seen": 3, "body": 1}
WORTH = 0.3
"""The part of the best answer's score below which an answer is noise."""
SHORT_NAMES = {"title": "t", "address": "u", "sought": "k", "seen": "s", "body": "b"}
MOST_WORDS, LONGEST_WORD = 8, 24
"""More is not looked for: the site's processor is everybody's."""
LEAST_CORRECTED, LEAST_COMPLETED = 4, 3
EXACT, COMPLETED, SYNONYM, CORRECTED = 1.0, 0.8, 0.8, 0.6
EQUAL_DIGITS = 9
"""Scores that are the same to so many decimals differ by the order of their sums only."""
WORD = re.compile("[a-z]+|[0-9]+")


class SearchableHelpPlace(msgspec.Struct, frozen=True, rename=SHORT_NAMES):
    """A place of the help; `address` is from its root."""

    title: str
    address: str
    sought: str = ""
    seen: str = ""
    body: str = ""


class SearchIndexFile(msgspec.Struct, frozen=True):
    """The built index."""

    places: tuple[SearchableHelpPlace, ...]
    empty: str
    same: tuple[str, ...]


def folded_words(text: str) -> list[str]:
    """Return the words without accents, in lower case."""
    decomposed = unicodedata.normalize("NFD", text.lower().replace("œ", "oe").replace("æ", "ae"))
    return WORD.findall("".join(each for each in decomposed if not unicodedata.combining(each)))


@dataclass(frozen=True)
class HelpSearch:
    """The places of one language, prepared for searches."""

    places: Sequence[SearchableHelpPlace]
    empty: frozenset[str]
    synonyms: Mapping[str, frozenset[str]]
    weights: Sequence[Mapping[str, int]]
    """The words of each place, and how much each counts there."""
    holders: Mapping[str, int] = field(default_factory=dict)
    """The number of places that hold a word."""

    def find(self, question: str) -> list[SearchableHelpPlace]:
        """Return the places that answer a question, the best first, each sentence once."""
        typed = [word[:LONGEST_WORD] for word in self._telling(folded_words(question))[:MOST_WORDS]]
        meanings = [(self._meanings(word), self._rarity(word)) for word in typed]
        scores = [self._score(place, meanings) for place in range(len(self.places))]
        best = max(scores, default=0)
        order = sorted(range(len(scores)), key=lambda place: -round(scores[place], EQUAL_DIGITS))
        found = dict[str, SearchableHelpPlace]()
        for place in order:
            if scores[place] > 0 and scores[place] >= best * WORTH:
                found.setdefault(self.places[place].title, self.places[place])
        return list(found.values())

    def _telling(self, words: list[str]) -> list[str]:
        """Leave out empty words, unless there is nothing else: "It was not me"."""
        return [word for word in words if word not in self.empty] or words

    def _rarity(self, word: str) -> float:
        return log(1 + len(self.places) / self.holders[word]) if word in self.holders else inf

    def _meanings(self, typed: str) -> dict[str, float]:
        """Return the words of the pages that a typed word may stand for, and how surely."""
        near = {typed, *(one_error_away(typed) if len(typed) >= LEAST_CORRECTED and typed.isalpha() else ())}
        found = {word: CORRECTED for word in near if word in self.holders}
        if len(typed) >= LEAST_COMPLETED:
            found |= {word: COMPLETED for word in self.holders if word.startswith(typed)}
        if typed in self.holders:
            found[typed] = EXACT
        for word in near:
            how = SYNONYM if word == typed else CORRECTED
            for other in self.synonyms.get(word, ()):
                if other in self.holders:
                    found[other] = max(how, found.get(other, 0))
        return found

    def _score(self, place: int, meanings: Sequence[tuple[Mapping[str, float], float]]) -> float:
        weights, met, score = self.weights[place], 0, 0.0
        for sure, rarest in meanings:
            # "messages" is rarer than "message", and no surer for that.
            best = max(
                (
                    how * weights[word] * min(self._rarity(word), rarest)
                    for word, how in sure.items()
                    if word in weights
                ),
                default=0.0,
            )
            met += best > 0
            score += best
        if not met:
            return 0
        title = self._telling(folded_words(self.places[place].title))
        surely = [max(sure.get(word, 0) for sure, _ in meanings) for word in title]
        told = sum(each**2 for each in surely) / len(surely) if surely else 0
        return float(score * (met / len(meanings)) ** 2 * (1 + told / 4))


def prepare_help_search(index: SearchIndexFile) -> HelpSearch:
    """Prepare an index."""
    empty = frozenset(folded_words(index.empty))

    def telling(text: str) -> list[str]:
        words = folded_words(text)
        return [word for word in words if word not in empty] or words

    synonyms = dict[str, frozenset[str]]()
    for line in index.same:
        group = [telling(each) for each in line.split(",")]
        every = frozenset(word for words in group for word in words)
        for words in group:
            if len(words) == 1:
                synonyms[words[0]] = synonyms.get(words[0], frozenset()) | every
    weights = [_weights(place) for place in index.places]
    return HelpSearch(index.places, empty, synonyms, weights, _holders(weights))


def _weights(place: SearchableHelpPlace) -> dict[str, int]:
    found = dict[str, int]()
    for name, weight in WEIGHTS.items():
        for word in folded_words(getattr(place, name)):
            found[word] = max(weight, found.get(word, 0))
    return found


def _holders(weights: Iterable[Mapping[str, int]]) -> dict[str, int]:
    found = dict[str, int]()
    for words in weights:
        for word in words:
            found[word] = found.get(word, 0) + 1
    return found


@lru_cache(maxsize=4)
def read_search(path: Path, version: float) -> HelpSearch:  # noqa: ARG001  # another version is another file
    """Read the index of one language from the script that holds it."""
    script = path.read_text("utf-8")
    return prepare_help_search(
        msgspec.json.decode(script[script.index("{") : script.rindex("}") + 1], type=SearchIndexFile)
    )
