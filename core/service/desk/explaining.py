"""What a message on the caller's screen means: found by its words, with why it comes and where."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from core.catalogue import Entry, entries_of
from core.i18n import say
from core.names import words_of
from core.service.desk.seeing import filled
from core.service.reception import Reception
from core.text import Language, Text
from core.words.guides import EMPTY_WORDS


@dataclass(frozen=True, slots=True)
class MetAt:
    """A step where a message is met."""

    code: str
    title: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A message as its reader has it, and what an agent may add. What is not known reads "…"."""

    id: str
    sentence: Text
    cause: Text | None
    remedies: tuple[Text, ...]
    on_its_page: bool
    """Whether its reader sees the remedies too: it is a page, and not a line beside a field."""
    places: tuple[MetAt, ...]


@dataclass(frozen=True)
class Explaining:
    """Over the messages of every flow of the house. `facts` are true of the whole election."""

    reception: Reception
    facts: Mapping[str, object]

    def find(self, typed: str) -> tuple[Explained, ...]:
        """The messages whose words, in any language, are most like those; those alone whose whole sentence was typed."""
        wanted = words_of(typed)
        whole = [each for each, sentence, _ in self._known if wanted and wanted in sentence]
        if whole:
            return tuple(whole)
        telling = [word for word in wanted if word not in EMPTY]
        likeness = [(each, _held(telling, words)) for each, _, words in self._known]
        best = max((held for _, held in likeness), default=0)
        return tuple(each for each, held in likeness if best and held == best)

    @cached_property
    def _known(self) -> tuple[tuple[Explained, tuple[tuple[str, ...], ...], frozenset[str]], ...]:
        """Each message, its sentence word by word in each language, and all the words on its page.

        Two that read alike are one: only the journal knows them apart.
        """
        flows = tuple(line.flow for line in self.reception.lines)
        as_read = {
            (entry.sentence.msgid, *(each.msgid for each in entry.remedies)): entry for entry in entries_of(flows)
        }
        return tuple(self._with_words(entry) for entry in as_read.values())

    def _with_words(self, entry: Entry) -> tuple[Explained, tuple[tuple[str, ...], ...], frozenset[str]]:
        fill = filled(self.facts)
        explained = Explained(
            id=entry.id,
            sentence=fill(entry.sentence),
            cause=None if entry.cause is None else fill(entry.cause),
            remedies=tuple(map(fill, entry.remedies)),
            on_its_page=entry.stops,
            places=tuple(MetAt(place.step.code, fill(place.step.copy.title)) for place in entry.places),
        )
        read = (explained.sentence, *(explained.remedies if entry.stops else ()))
        sentences = tuple(words_of(say(explained.sentence, language)) for language in Language)
        words = {word for text in read for language in Language for word in words_of(say(text, language))}
        return explained, sentences, frozenset(words)


def _held(typed: Iterable[str], words: frozenset[str]) -> int:
    """How many of the words typed begin one of these."""
    return sum(any(word.startswith(each) for word in words) for each in typed)


EMPTY = frozenset(word for language in Language for word in words_of(say(EMPTY_WORDS, language)))
