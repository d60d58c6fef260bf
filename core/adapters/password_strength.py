"""Judges passwords with zxcvbn: its list of 30,000 common ones, and its score.

The score is made in a process of its own, because its time grows exponentially with l33t symbols.
"""

import json
import selectors
import signal
import subprocess
import sys
import unicodedata
import weakref
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from threading import Lock

import structlog
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from core.policy.policy import PRESETS, Policy
from core.ports import PasswordQueueFull, PasswordScoringTimeout

WORKER = Path(__file__).with_name("password_scoring_worker.py")
STARTS = 2
"""A process that somebody else has ended is started once more for the same password."""
log = structlog.get_logger()


class PasswordScoringProcess:
    """Starts the process with the first password, and again after a password that took too long. Not thread-safe.

    A score may take `cpu_seconds` of processor time, so that no password is refused because the machine is busy. When we
    are killed the process ends within that time, because its input has ended.
    """

    def __init__(self, *, cpu_seconds: float, seconds: float) -> None:
        self._cpu_seconds = cpu_seconds
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None

    def score(self, password: str, owner_words: Sequence[str]) -> int:
        """Return zxcvbn's score. Raises PasswordScoringTimeout after `cpu_seconds` of work, PasswordQueueFull without an answer in `seconds`."""
        line = json.dumps({"password": password, "about": owner_words}).encode() + b"\n"
        for _ in range(STARTS):
            answer = self._ask(line)
            if answer:
                return int(answer)
            status = self.close()
            if status == -signal.SIGPROF:
                raise PasswordScoringTimeout
            log.warning("scoring-process-ended", status=status)
        raise PasswordQueueFull

    def _ask(self, line: bytes) -> bytes:
        """Return the process's answer, which is empty when the process has ended. Raises PasswordQueueFull."""
        self._process = process = self._process or self._start()
        assert process.stdin is not None  # noqa: S101  # both are pipes
        assert process.stdout is not None  # noqa: S101
        with suppress(BrokenPipeError):
            process.stdin.write(line)
        with selectors.DefaultSelector() as answers:
            answers.register(process.stdout, selectors.EVENT_READ)
            if answers.select(self._seconds):
                return process.stdout.readline()
        self.close()
        raise PasswordQueueFull

    def _start(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-I", str(WORKER), str(self._cpu_seconds)]
        pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL  # the text of an error might hold a password
        process = subprocess.Popen(command, bufsize=0, stdin=pipe, stdout=pipe, stderr=nowhere, env={})  # noqa: S603  # our own command
        self._end = weakref.finalize(self, _end, process)
        return process

    def close(self) -> int | None:
        """End the process, if there is one; return its status, negative for a signal."""
        if self._process is None:
            return None
        self._process = None
        return self._end()


def _end(process: "subprocess.Popen[bytes]") -> int:
    with process:
        process.kill()
    return process.returncode


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
