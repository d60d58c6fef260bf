"""Judges passwords with zxcvbn: its list of 30,000 common ones, and its score."""

import unicodedata
from collections.abc import Iterable
from functools import cache
from threading import Lock

from zxcvbn.frequency_lists import FREQUENCY_LISTS

from core.adapters.password_scoring_process import PasswordScoringProcess
from core.policy.policy_and_calendar import PRESETS, Policy

LONGEST_SCORED = 72
"""zxcvbn raises above; more characters can only make a password stronger (rule 14)."""


class ZxcvbnPasswordStrength:
    """The port PasswordStrength."""

    def __init__(self, policy: Policy = PRESETS["2018"]) -> None:
        cpu_seconds = policy.password_scoring_milliseconds / 1000
        self._process = PasswordScoringProcess(cpu_seconds=cpu_seconds, seconds=policy.password_wait_seconds)
        self._one_at_a_time = Lock()

    def is_common_password(self, password: str) -> bool:
        """Return whether the password is in the list, ignoring case.

        Other variants are not tried: the refusal says "among the most used".
        """
        return unicodedata.normalize("NFC", password).casefold() in _common_passwords()

    def strength(self, password: str, owner_words: Iterable[str]) -> int:
        words = [word for word in owner_words if word]
        with self._one_at_a_time:
            return self._process.score(password[:LONGEST_SCORED], words)


@cache
def _common_passwords() -> frozenset[str]:
    return frozenset(FREQUENCY_LISTS["passwords"])
