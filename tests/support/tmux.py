"""A real terminal: a window of a tmux server of its own, read and typed into."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.product.waiting import DidNotHappen, eventually

COLUMNS, LINES = 100, 32
SECONDS = 30


@dataclass(frozen=True)
class Window:
    """The one window of that server."""

    server: Path

    def _tmux(self, *arguments: str) -> str:
        done = subprocess.run(["tmux", "-S", str(self.server), *arguments], capture_output=True, text=True, check=True)
        return done.stdout

    @property
    def text(self) -> str:
        """What stands there, white space folded."""
        return " ".join(self._tmux("capture-pane", "-p").split())

    @property
    def open(self) -> bool:
        """Whether its command still runs."""
        return subprocess.run(["tmux", "-S", str(self.server), "ls"], capture_output=True, check=False).returncode == 0

    def sees(self, *wanted: str) -> None:
        """Waits until all of that stands there."""
        try:
            eventually(lambda: all(each in self.text for each in wanted), repr(wanted), SECONDS)
        except DidNotHappen:
            pytest.fail(f"{wanted} did not come:\n{self._tmux('capture-pane', '-p')}")

    @property
    def _cursor(self) -> str:
        return self._tmux("display-message", "-p", "#{cursor_x},#{cursor_y}")

    @property
    def process(self) -> int:
        """That of its command."""
        return int(self._tmux("list-panes", "-F", "#{pane_pid}"))

    def close(self) -> None:
        """As one closes a window: its command loses its terminal."""
        self._tmux("kill-server")

    def press(self, *keys: str) -> None:
        """Keys by tmux's names."""
        self._tmux("send-keys", *keys)

    def type(self, typed: str) -> None:
        """Text as it is."""
        self._tmux("send-keys", "-l", typed)

    def answer(self, *typed: str) -> None:
        """One input after the other, each ended with Enter, as fast as the cursor follows."""
        *before, last = typed
        for each in before:
            self._and_wait(lambda each=each: self.type(each))
            self._and_wait(lambda: self.press("Enter"))
        self._and_wait(lambda: self.type(last))
        self.press("Enter")

    def _and_wait(self, act: Callable[[], None]) -> None:
        before = self._cursor
        act()
        eventually(lambda: self._cursor != before, "a moved cursor", SECONDS)


@contextmanager
def window(command: Sequence[str], variables: Mapping[str, str], folder: Path) -> Iterator[Window]:
    """Runs that command in a window, until the end of the block."""
    made = Window(folder / "tmux")
    size = ("-x", str(COLUMNS), "-y", str(LINES))
    start = ["tmux", "-S", str(made.server), "-f", os.devnull, "new-session", "-d", *size, *command]
    subprocess.run(start, env={**os.environ, "TERM": "xterm-256color", **variables}, check=True)
    try:
        yield made
    finally:
        if made.open:
            made.close()


def retrouve(*arguments: str) -> list[str]:
    """Our own command."""
    return [sys.executable, "-m", "cli", *arguments]
