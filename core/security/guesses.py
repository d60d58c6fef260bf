"""Estimates how many guesses a password needs, as zxcvbn does (Wheeler, USENIX Security 2016)."""

import gzip
import re
from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterator
from functools import cache
from math import inf, log10
from pathlib import Path

from core.forms.field_parsers import without_accents

LONGEST = 48
WORD_LENGTHS = (2, 24)
BEGINNING = 3
"""Number of initial letters that are looked up before the whole word."""
LETTER, DIGIT, SIGN, SEPARATOR = 1.5, 1.0, 1.0, 0.3
"""Cost of a single character: the base-10 logarithm of the number of guesses."""
FURTHER_WORD, REPEATED, IN_A_ROW, L33T, ODD_CAPITALS = 0.3, 0.4, 1.0, 0.4, 1.0
REVERSED = 0.7
OCCURRED_BEFORE = 0.7
WORD_LISTS = {"election.txt": 2.5, "first.txt": 1.0, "everyday.txt": 3.67, "nouns.txt.gz": 4.0, "numbers.txt": 1.67}
DICTIONARY = 4.67
"""Cost of a rare dictionary word or the name of a commune (base-10 logarithm of guesses)."""
COMMON = 4.5
"""Cost below which a word is a common password (base-10 logarithm of guesses)."""
SEPARATORS = re.compile(r"[\s_.,;:/'’&+-]")
SEPARATED = re.compile(SEPARATORS.pattern + r"(\w?)")
NUMBER_WORDS = (
    "zero|un|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|vingts?|trente|quarante"
    "|cinquante|soixante|septante|octante|huitante|nonante|cents?|mille"
)
STARTING_WITH_A_DIGIT = (  # years, dates, postal codes, and digits as people choose them
    (re.compile(r"19[3-9]\d|20[0-4]\d"), 1.5),
    (re.compile(r"1[4-9]\d\d"), 2.0),
    (re.compile(r"(0[1-9]|[12]\d|3[01])(0[1-9]|1[0-2])(19|20)?\d\d"), 3.0),
    (re.compile(r"(0[1-9]|[12]\d|3[01])(0[1-9]|1[0-2])"), 2.3),
    (
        re.compile(
            r"(0?[1-9]|[12]\d|3[01])(er)?"
            r"(janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre)"
            r"((1[4-9]|20)?\d\d)?"
        ),
        3.0,
    ),
    (re.compile(r"(0[1-9]|[1-8]\d|9[0-5])\d00"), 2.0),
    (re.compile(r"\d\d0|(\d)\1(\d)\2"), 2.0),
    (re.compile(r"\d{2}"), 1.7),
    (re.compile(r"\d{3}"), 2.7),
    (re.compile(r"\d{4}"), 2.9),
)
STARTING_OTHERWISE = (  # numbers in words, and the signs that people put at the end
    (re.compile(f"((et)?({NUMBER_WORDS})){{2,6}}"), 3.0),
    (re.compile(r"([!?*$@])\1*$"), 0.7),
)
SPELT_L33T = "4@83€60$5+7921!|"
L33T_LETTERS = tuple(str.maketrans(SPELT_L33T, f"aabeegosst{letters}") for letters in ("tgziii", "tgzlll"))
ROWS = """
    azertyuiop qsdfghjklm wxcvbn aqwzsxedcrfvtgbyhnujikolpm 1aqw2zsx3edc4rfv5tgb6yhn7ujm azqsdwxc
    qwertyuiop asdfghjkl zxcvbnm qwertzuiop 1qaz2wsx3edc4rfv5tgb6yhn7ujm abcdefghijklmnopqrstuvwxyz 01234567890
    0102030405060708091011121314151617181920 102030405060708090100
"""
RUNS = "\n".join((*ROWS.split(), *ROWS[::-1].split()))
"""Keyboard rows, forwards and backwards, separated by newlines."""
COST_BITS, COSTS_A_POWER = 0b1111, 3
"""Bit mask that extracts a word's cost from its hash, and the number of cost steps per power of ten."""


def log10_guesses(password: str, owner_words: Collection[str] = ()) -> float:
    """Return the base-10 logarithm of the number of guesses. `owner_words` must be in lower case without accents."""
    examined = password[:LONGEST]
    joined = SEPARATED.sub(lambda found: found[1].lower(), examined)
    whole = min(_cheapest_cut(examined, owner_words), REVERSED + _cheapest_cut(examined[::-1].lower(), owner_words))
    return whole if joined == examined else min(whole, SEPARATOR + _cheapest_cut(joined, owner_words))


def is_common_password(password: str) -> bool:
    """Return whether the password is a common word. Ignores capitals and accents."""
    cost = _word_cost(without_accents(password))
    return cost is not None and cost < COMMON


def _cheapest_cut(password: str, owner_words: Collection[str]) -> float:
    # Some characters decompose into several letters.
    letters = [(plain, typed) for typed in password for plain in without_accents(typed)][:LONGEST]
    text, original = "".join(plain for plain, _ in letters), "".join(typed for _, typed in letters)
    spellings = {text, *(text.translate(l33t_letters) for l33t_letters in L33T_LETTERS)}
    least = [0.0, *[inf] * len(text)]
    for start in range(len(text)):
        further = FURTHER_WORD if start else 0
        pieces = [*_patterns(text, start)]
        for end, word, cost in _words(spellings, start, len(text), owner_words):
            l33t = 0 if word == text[start:end] else L33T
            piece = original[start:end]
            capitals = 0 if piece[1:] == piece[1:].lower() or piece == piece.upper() else ODD_CAPITALS
            pieces.append((end, cost + further + l33t + capitals))
        for end, cost in pieces:
            least[end] = min(least[end], least[start] + cost)
    return least[-1]


def _patterns(text: str, start: int) -> Iterator[tuple[int, float]]:
    first = text[start]
    single = DIGIT if first.isdigit() else LETTER if first.isalpha() else SEPARATOR if SEPARATORS.match(first) else SIGN
    yield start + 1, single
    for pattern, cost in STARTING_WITH_A_DIGIT if first.isdigit() else STARTING_OTHERWISE:
        if found := pattern.match(text, start):
            yield found.end(), cost
    for size in range(1, min(start, len(text) - start) + 1):
        if text.startswith(text[start - size : start], start):
            yield start + size, REPEATED
    for end in range(start + 3, len(text) + 1):
        if text.find(text[start:end], 0, start) < 0:
            break
        yield end, OCCURRED_BEFORE
    for end in range(start + 3, len(text) + 1):
        if text[start:end] not in RUNS:
            break
        yield end, IN_A_ROW


def _words(
    spellings: Collection[str], start: int, length: int, owner_words: Collection[str]
) -> Iterator[tuple[int, str, float]]:
    shortest, longest = WORD_LENGTHS
    _, beginnings = _known_words()
    own_beginnings = {word[:BEGINNING] for word in owner_words}
    possible = [
        spelling
        for spelling in spellings
        if (first := spelling[start : start + BEGINNING]) in beginnings
        or first[:shortest] in beginnings
        or first in own_beginnings
    ]
    for end in range(start + shortest, min(start + longest, length) + 1) if possible else ():
        for word in {spelling[start:end] for spelling in possible}:
            cost = 0.0 if word in owner_words else _word_cost(word)
            if cost is not None:
                yield end, word, cost


def _word_cost(word: str) -> float | None:
    (known, _), wanted = _known_words(), hash(word) & ~COST_BITS
    place = bisect_left(known, wanted)
    if place < len(known) and known[place] & ~COST_BITS == wanted:
        return (known[place] & COST_BITS) / COSTS_A_POWER
    return _word_cost(word[:-1]) if word.endswith("s") else None  # a plural


@cache
def _known_words() -> "tuple[array[int], frozenset[str]]":
    """Return the sorted hashes of all words, and the words' first letters. Each hash contains the word's cost."""
    known, beginnings = array("q"), set()
    for word, cost in _words_of_all_lists():
        known.append(hash(word) & ~COST_BITS | round(cost * COSTS_A_POWER))
        beginnings.add(word[:BEGINNING])
    return array("q", sorted(known)), frozenset(beginnings)


def _words_of_all_lists() -> Iterator[tuple[str, float]]:
    for rank, word in enumerate(lines("ranked.txt.gz"), 1):
        yield word, min(log10(rank), DICTIONARY)
    for word in lines("dictionary.txt.gz"):
        yield word, DICTIONARY
    for line in lines("communes.txt.gz"):
        departement, *communes = line.split()
        for commune in communes:
            yield commune, DICTIONARY
            yield commune + departement, DICTIONARY
    for name, cost in WORD_LISTS.items():
        yield from ((word, cost) for line in lines(name) for word in line.split())


def lines(name: str) -> Iterator[str]:
    """Yield the lines of a word list, except comments."""
    open_list = gzip.open if name.endswith(".gz") else open
    with open_list(Path(__file__).parent / "words" / name, "rt", encoding="utf-8") as opened_list:
        for line in opened_list:
            if not line.startswith("#"):
                yield line.strip()
