"""The search of the help, and its page of results, where no script runs.

It ranks the places of the built index as `templates/guides/search.js` does.
A typed word stands for words one typing error away; the script, which has the reader's own processor, allows two in long words.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from html import unescape
from math import inf, log
from os.path import relpath
from pathlib import Path

from markupsafe import Markup, escape

from core.desk.search_query_parsing import one_error_away
from core.policy.help_search_index import (
    HelpSearchIndex,
    SearchableHelpPlace,
    index_file_name,
    read_index_script,
)
from core.policy.urls import HELP_SEARCH, help_page_file
from core.text.text import Language

WEIGHTS = {"title": 4, "sought": 5, "seen": 3, "body": 1}
WORTH = 0.3
"""The part of the best answer's score below which an answer is noise."""
MOST_WORDS, LONGEST_WORD = 8, 24
"""More is not looked for: the site's processor is everybody's."""
LEAST_CORRECTED, LEAST_COMPLETED = 4, 3
EXACT, COMPLETED, SYNONYM, CORRECTED = 1.0, 0.8, 0.8, 0.6
EQUAL_DIGITS = 9
"""Scores that are the same to so many decimals differ by the order of their sums only."""
WORD = re.compile("[a-z]+|[0-9]+")
QUESTION = "q"
LONGEST_QUESTION = 200
PAGES = {help_page_file(HELP_SEARCH, language): language for language in Language}
"""The pages of results, by their files."""
PLACE = re.compile(
    r'<div id="results"(?P<own>[^>]* data-found="(?P<found>[^"]*)" data-nothing="(?P<nothing>[^"]*)")>\s*</div>'
)
NOTICE = re.compile(r'<p class="notice">.*?</p>\s*', re.DOTALL)
"""The static site's sentence that the search needs a script."""
NAMED = f'name="{QUESTION}"'


def folded_words(text: str) -> list[str]:
    """Return the words without accents, in lower case."""
    decomposed = unicodedata.normalize("NFD", text.lower().replace("œ", "oe").replace("æ", "ae"))
    return WORD.findall("".join(each for each in decomposed if not unicodedata.combining(each)))


class HelpSearch:
    """The places of one language, prepared for searches."""

    def __init__(self, index: HelpSearchIndex) -> None:
        self.places = index.places
        self.empty = frozenset(folded_words(index.empty))
        self.weights = [_weights(place) for place in index.places]
        """The words of each place, and how much each counts there."""
        self.holders = Counter(word for words in self.weights for word in words)
        """The number of places that hold a word."""
        self.synonyms: dict[str, frozenset[str]] = {}
        for line in index.same:
            group = [self._telling(folded_words(each)) for each in line.split(",")]
            every = frozenset(word for words in group for word in words)
            for words in group:
                if len(words) == 1:
                    self.synonyms[words[0]] = self.synonyms.get(words[0], frozenset()) | every

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


def _weights(place: SearchableHelpPlace) -> dict[str, int]:
    found = dict[str, int]()
    for name, weight in WEIGHTS.items():
        for word in folded_words(getattr(place, name)):
            found[word] = max(weight, found.get(word, 0))
    return found


@lru_cache(maxsize=4)
def read_search(path: Path, version: float) -> HelpSearch:  # noqa: ARG001  # another version is another file
    """Read the index of one language from the script that holds it."""
    return HelpSearch(read_index_script(path.read_text("utf-8")))


# ── The page of results ──────────────────────────────────────────────────────────────────────────────────────


def search_results_page(folder: Path, name: str, question: str) -> str:
    """Return the page of results with the answers to a question. Raises FileNotFoundError without a help."""
    page = NOTICE.sub("", (folder / name).read_text("utf-8"), count=1)
    asked = " ".join(question[:LONGEST_QUESTION].split())
    place = PLACE.search(page)
    if not asked or place is None:
        return page
    index = folder / index_file_name(PAGES[name])
    found = read_search(index, index.stat().st_mtime).find(asked)
    told = unescape(place["found"]).replace("{question}", asked)
    heading = told if found else unescape(place["nothing"])
    answers = Markup('<div id="results" data-answered{}>').format(Markup(place["own"])) + _listed(heading, found, name)  # noqa: S704  # the page's own
    page = page[: place.start()] + str(answers) + page[place.end() :]
    page = page.replace(NAMED, Markup('{} value="{}"').format(Markup(NAMED), asked), 1)  # noqa: S704  # likewise
    return page.replace("<title>", Markup("<title>{} – ").format(told), 1)


def _listed(heading: str, found: list[SearchableHelpPlace], page: str) -> Markup:
    line = Markup('<li><a href="{}">{}</a></li>')
    lines = Markup("").join(line.format(relpath(each.address, Path(page).parent), each.title) for each in found)
    listed = Markup("<ul>{}</ul>").format(lines) if found else Markup("")
    return Markup("<p>{}</p>{}</div>").format(escape(heading), listed)
