"""Interprets search text as names, an académie or phone digits."""

from collections.abc import Iterator
from dataclasses import dataclass

from core.forms.name_words import TYPED_MAXIMUM, WORDS_MAXIMUM, name_words, typed_name_interpretations
from core.ports import VoterDirectory

TITLES = frozenset(
    ("monsieur", "madame", "mademoiselle", "m", "mr", "mme", "mlle", "mrs", "ms", "miss", "dr", "docteur", "pr")
)
ABBREVIATED = {"st": "saint", "ste": "sainte"}
BIRTH_NAME_FOLLOWS = "nee"
ENDING_DIGITS = 2
ACADEMIE_WORDS = 3
"""Maximum number of search words that may name an académie."""
LETTERS = "abcdefghijklmnopqrstuvwxyz"
LEAST_LETTERS = 4
"""Minimum length of words in which typing errors are corrected."""
ALTERNATIVES = 6
MOST_CORRECTED = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchTerms:
    """Beginnings of a voter's names and académie, and the last digits of the phone number."""

    names: tuple[str, ...]
    academie: tuple[str, ...] = ()
    phone_ending: str | None = None

    @property
    def highlighted_beginnings(self) -> tuple[str, ...]:
        return self.names + self.academie


def query_interpretations(typed: str) -> Iterator[SearchTerms]:
    words = name_words(typed[:TYPED_MAXIMUM])[:WORDS_MAXIMUM]
    digits = [word for word in words if word.isdecimal()]
    letters = [word for word in words if not word.isdecimal()]
    named = [word for word in letters if word not in TITLES] or letters
    if not named:
        return
    ending = digits[-1][-ENDING_DIGITS:] if digits and len(digits[-1]) >= ENDING_DIGITS else None
    whole = tuple(ABBREVIATED.get(word, word) for word in named)
    first = whole[: whole.index(BIRTH_NAME_FOLLOWS, 1)] if BIRTH_NAME_FOLLOWS in whole[1:] else whole
    for names in dict.fromkeys((*typed_name_interpretations(" ".join(named)), whole, first)):
        yield SearchTerms(names=names, phone_ending=ending)
    for count in range(1, min(len(named), ACADEMIE_WORDS + 1)):
        yield SearchTerms(names=tuple(named[:-count]), academie=tuple(named[-count:]), phone_ending=ending)
        yield SearchTerms(names=tuple(named[count:]), academie=tuple(named[:count]), phone_ending=ending)


def typo_corrected_interpretations(reading: SearchTerms, directory: VoterDirectory) -> Iterator[SearchTerms]:
    """Yield variants of the search terms with one or two words corrected."""
    names = reading.names
    known = {
        place: directory.existing_beginnings(one_error_away(word), limit=ALTERNATIVES)
        for place, word in enumerate(names)
        if len(word) >= LEAST_LETTERS
    }
    single = [(place, word) for place, words in known.items() for word in words]
    changes = [dict([one]) for one in single]
    changes += [dict([one, other]) for one in single for other in single if one[0] < other[0]]
    for change in changes[:MOST_CORRECTED]:
        corrected = tuple(change.get(place, word) for place, word in enumerate(names))
        yield SearchTerms(names=corrected, academie=reading.academie, phone_ending=reading.phone_ending)


def one_error_away(word: str) -> tuple[str, ...]:
    splits = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    exchanged = (head + tail[1] + tail[0] + tail[2:] for head, tail in splits if len(tail) > 1)
    replaced = (head + letter + tail[1:] for head, tail in splits if tail for letter in LETTERS)
    added = (head + letter + tail for head, tail in splits if tail for letter in LETTERS)
    left_out = (head + tail[1:] for head, tail in splits if tail)
    return tuple(each for each in dict.fromkeys((*exchanged, *replaced, *added, *left_out)) if each != word)
