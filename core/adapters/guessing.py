"""What is easily guessed, by zxcvbn: its list of 30,000 common passwords and its score."""

import unicodedata
from collections.abc import Iterable
from functools import cache
from threading import Lock

from zxcvbn import zxcvbn
from zxcvbn.frequency_lists import FREQUENCY_LISTS

LONGEST_SCORED = 72
"""zxcvbn raises above; what stands beyond can only make a password stronger (rule 14)."""


class Zxcvbn:
    """The port Guesses."""

    _one_at_a_time = Lock()
    """zxcvbn keeps the owner's words in a global: two threads would score with each other's."""

    def common(self, password: str) -> bool:
        """Whether it is in the list, whatever its capitals. Nothing is stripped: the refusal says "among the most used"."""
        return unicodedata.normalize("NFC", password).casefold() in _common_passwords()

    def strength(self, password: str, about: Iterable[str]) -> int:
        words = [word for word in about if word]
        with self._one_at_a_time:
            return int(zxcvbn(password[:LONGEST_SCORED], user_inputs=words)["score"])


@cache
def _common_passwords() -> frozenset[str]:
    return frozenset(FREQUENCY_LISTS["passwords"])
