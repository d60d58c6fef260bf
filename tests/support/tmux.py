"""Runs commands in a real terminal, which is a window of a separate tmux server."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest

from tests.conformance.waiting import DidNotHappen, eventually

COLUMNS, LINES = 100, 32
SIZE_OF_ANOTHER_TERMINAL = {"COLUMNS", "LINES"}
"""Environment variables of the test's own terminal. They would override the properties of the window."""
SECONDS = 180
STYLE = re.compile(r"\x1b\[[\d;:]*m")


@dataclass(frozen=True)
class Window:
    """The only window of a tmux server."""

    server: Path

    def _tmux(self, *arguments: str) -> str:
        done = subprocess.run(["tmux", "-S", str(self.server), *arguments], capture_output=True, text=True, check=True)
        return done.stdout

    @property
    def text(self) -> str:
        """Text in the window, with each run of white space replaced by one space."""
        return " ".join(self._tmux("capture-pane", "-p").split())

    def sees(self, *wanted: str) -> None:
        """Wait until the window shows all of the given texts."""
        self._wait(lambda: all(each in self.text for each in wanted), f"{wanted}")

    def misses(self, unwanted: str) -> None:
        """Wait until the window does not show the given text."""
        self._wait(lambda: unwanted not in self.text, f"the end of {unwanted!r}")

    def move_to(self, words: str) -> None:
        """Move from the search to the line with the given words, and wait until it looks selected.

        The line must be the first of a list.
        """

        def styled() -> list[str]:
            lines = self._tmux("capture-pane", "-p", "-e").splitlines()
            return [each for each in lines if words in " ".join(STYLE.sub("", each).split())]

        before = styled()
        self.press("Down")
        self._wait(lambda: styled() not in ([], before), f"{words!r} chosen")

    def _wait(self, condition: Callable[[], object], what: str) -> None:
        """Wait until a condition holds. Fails if the command ends first."""
        ended = False

        def is_over() -> bool:
            nonlocal ended
            if condition():
                return True
            ended = self.has_ended
            return ended

        try:
            eventually(is_over, what, SECONDS)
        except DidNotHappen:
            self._fail(f"{what} did not come")
        if ended and not condition():  # checks its last output too
            self._fail(f"{what} did not come, because the command has ended")

    def _fail(self, reason: str) -> NoReturn:
        pytest.fail(f"{reason}:\n{self._tmux('capture-pane', '-p', '-S', '-').strip()}")

    @property
    def has_ended(self) -> bool:
        """Whether the command has ended. Its last output stays in the window."""
        return self._tmux("display-message", "-p", "#{pane_dead}").strip() == "1"

    @property
    def _cursor(self) -> str:
        return self._tmux("display-message", "-p", "#{cursor_x},#{cursor_y}")

    @property
    def process(self) -> int:
        """Process id of the command."""
        return int(self._tmux("list-panes", "-F", "#{pane_pid}"))

    def close(self) -> None:
        """Close the window, so that the command loses its terminal."""
        self._tmux("kill-server")

    def press(self, *keys: str) -> None:
        """Press keys, which have the names that tmux gives them."""
        self._tmux("send-keys", *keys)

    def type(self, typed: str) -> None:
        self._tmux("send-keys", "-l", typed)

    def answer(self, *typed: str) -> None:
        """Type a text into each input, and press Enter after each. Waits each time until the cursor moves."""
        *before, last = typed
        for each in before:
            self._wait_for_cursor(lambda each=each: self.type(each))
            self._wait_for_cursor(lambda: self.press("Enter"))
        self._wait_for_cursor(lambda: self.type(last))
        self.press("Enter")

    def _wait_for_cursor(self, action: Callable[[], None]) -> None:
        before = self._cursor
        action()
        self._wait(lambda: self._cursor != before, "a moved cursor")


@contextmanager
def window(command: Sequence[str], variables: Mapping[str, str], folder: Path) -> Iterator[Window]:
    """Run a command in a window while the block runs."""
    opened = Window(folder / "tmux")
    size = ("-x", str(COLUMNS), "-y", str(LINES))
    keep = ("set-option", "-g", "remain-on-exit", "on", ";")
    start = ["tmux", "-S", str(opened.server), "-f", os.devnull, *keep, "new-session", "-d", *size, *command]
    inherited = {name: value for name, value in os.environ.items() if name not in SIZE_OF_ANOTHER_TERMINAL}
    subprocess.run(start, env={**inherited, "TERM": "xterm-256color", **variables}, check=True)
    try:
        yield opened
    finally:
        # Fails when the test has closed the window.
        subprocess.run(["tmux", "-S", str(opened.server), "kill-server"], capture_output=True, check=False)


def retrouve(*arguments: str) -> list[str]:
    """Return the command line that runs a command of `retrouve`."""
    return [sys.executable, "-m", "cli", *arguments]
