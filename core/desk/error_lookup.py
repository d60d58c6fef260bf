"""Searches error messages and common problems that a caller may describe."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, reduce
from itertools import islice, takewhile
from operator import itemgetter, or_

from msgspec import Struct

from core.desk.steps import StepTitle, sentence_filler
from core.forms.error_catalogue import catalogue_entries
from core.forms.flow_model import Flow
from core.forms.name_words import name_words
from core.text.faces.help_page_texts import EMPTY_WORDS, SAME_WORDS
from core.text.text import Language, Text
from core.text.translation import translate


@cache
def words_without_meaning() -> frozenset[str]:
    return frozenset(word for language in Language for word in name_words(translate(EMPTY_WORDS, language)))


@cache
def synonyms() -> Mapping[str, set[str]]:
    same = defaultdict[str, set[str]](set)
    for group in (translate(words, language) for words in SAME_WORDS for language in Language):
        single = {word for part in group.split(",") if len(words := name_words(part)) == 1 for word in words}
        for word in single:
            same[word] |= single
    return same


class ExplainedError(Struct, frozen=True, tag=True, kw_only=True):
    """An error message with its cause and remedies."""

    id: str
    sentence: Text
    cause: Text | None
    remedies: tuple[Text, ...]
    is_page: bool
    """True for an error page, False for an error beside a form field."""
    steps: tuple[StepTitle, ...]
    agent: tuple[Text, ...] = ()
    """Instructions for the agent. Placeholders such as `{mail_key}` stand for the terminal's keys."""


class FoundCommonProblem(Struct, frozen=True, tag=True):
    step: StepTitle
    symptom: Text


@dataclass(frozen=True, slots=True)
class ErrorLookupResult:
    """The best matches of a search, the shortest sentence first. `certain` is True if all words match."""

    found: tuple[ExplainedError | FoundCommonProblem, ...] = ()
    certain: bool = False

    @property
    def messages(self) -> tuple[ExplainedError, ...]:
        return tuple(each for each in self.found if isinstance(each, ExplainedError))


@dataclass(frozen=True, slots=True)
class _Indexed:
    found: ExplainedError | FoundCommonProblem
    sentences: tuple[tuple[str, ...], ...]
    weights: Mapping[str, int]
    """How much each word counts. The words of the sentence itself count more than the words of a remedy."""


@dataclass(frozen=True)
class ErrorMessageLookup:
    """Searches the error messages and common problems of all flows."""

    flows: tuple[Flow, ...]
    facts: Mapping[str, object]

    def find_messages_and_problems(self, typed: str) -> ErrorLookupResult:
        """Return exact matches. If there are none, return the entries with the most matching words."""
        typed_words = name_words(typed)
        exact = [entry.found for entry in self._index if typed_words and typed_words in entry.sentences]
        if any(isinstance(found, ExplainedError) for found in exact):
            return ErrorLookupResult(tuple(exact), certain=True)
        wanted = [word for word in typed_words if word not in words_without_meaning()]
        places = [self._places_of_words_beginning(word) for word in wanted]
        certain = bool(places) and bool(set.intersection(*map(set, places)))
        if not certain:
            places = [
                reduce(or_, map(self._places_of_words_beginning, synonyms().get(word, ())), found)
                for word, found in zip(wanted, places, strict=True)
            ]
        scores = sum(places, Counter[int]())
        best = max(scores.values(), default=0)
        matches = [entry for place, entry in enumerate(self._index) if best and scores[place] == best]
        matches.sort(key=lambda entry: len(entry.sentences[0]))
        return ErrorLookupResult(tuple(entry.found for entry in matches), certain=certain)

    @cached_property
    def _index(self) -> tuple[_Indexed, ...]:
        return (*self._indexed_messages(), *self._indexed_troubles())

    def _places_of_words_beginning(self, beginning: str) -> Counter[int]:
        """Return the weight of the best such word in each entry."""
        matches = takewhile(
            lambda word: word[0].startswith(beginning),
            islice(self._words, bisect_left(self._words, (beginning,)), None),
        )
        return Counter(dict(sorted(((place, weight) for _, place, weight in matches), key=itemgetter(1))))

    @cached_property
    def _words(self) -> list[tuple[str, int, int]]:
        return sorted(
            (word, place, weight) for place, known in enumerate(self._index) for word, weight in known.weights.items()
        )

    def _indexed_troubles(self) -> Iterator[_Indexed]:
        fill = sentence_filler(self.facts)
        for step in (step for flow in self.flows for step in flow.steps):
            place = StepTitle(step.code, fill(step.copy.title))
            for trouble in step.copy.common_problems:
                sought = () if trouble.sought is None else (trouble.sought,)
                yield _indexed(FoundCommonProblem(place, fill(trouble.symptom)), (fill(trouble.symptom), *sought))

    def _indexed_messages(self) -> Iterator[_Indexed]:
        fill = sentence_filler(self.facts)
        entries_by_text = {
            (entry.sentence.msgid, *(remedy.msgid for remedy in entry.remedies)): entry
            for entry in catalogue_entries(self.flows)
        }
        for entry in entries_by_text.values():
            message = ExplainedError(
                id=entry.id,
                sentence=fill(entry.sentence),
                cause=None if entry.cause is None else fill(entry.cause),
                remedies=tuple(map(fill, entry.remedies)),
                is_page=entry.stops,
                steps=tuple(StepTitle(place.step.code, fill(place.step.copy.title)) for place in entry.places),
                agent=entry.agent,
            )
            yield _indexed(message, (message.sentence,), message.remedies if entry.stops else ())


def _indexed(
    found: ExplainedError | FoundCommonProblem, main: tuple[Text, ...], others: tuple[Text, ...] = ()
) -> _Indexed:
    return _Indexed(
        found,
        tuple(name_words(translate(main[0], language)) for language in Language),
        {
            word: weight
            for weight, texts in enumerate((others, main), start=1)
            for text in texts
            for language in Language
            for word in name_words(translate(text, language))
        },
    )
