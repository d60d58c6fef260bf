"""The theme and language that each agent chose last, in a file of the terminal's own account.

A terminal has neither keys nor database, and what an agent's colours are is no fact of the election, so the file is the client's.
"""

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from core.text.text import Language

NOBODY = ""
"""The name under which the last choice is kept, for the sign-in screen."""
MOST_AGENTS = 200
LONGEST = 100_000
"""Bytes of the file that are read."""


class ThemeAndLanguage(msgspec.Struct, frozen=True):
    """A theme by its name, and a language."""

    theme: str
    language: Language


KEPT = msgspec.json.Decoder(dict[str, ThemeAndLanguage])


def appearance_file(environment: Mapping[str, str]) -> Path:
    state = Path(environment.get("XDG_STATE_HOME", ""))
    return (state if state.is_absolute() else Path.home() / ".local" / "state") / "retrouve" / "desk.json"


@dataclass(frozen=True, slots=True)
class RememberedThemeAndLanguage:
    """Reads and writes the file; where that fails the terminal looks as it always does."""

    path: Path | None = None
    """None remembers nothing."""

    def of(self, agent: str = NOBODY) -> ThemeAndLanguage | None:
        """Return what that agent chose last, or whoever chose last."""
        return self._read().get(agent)

    def keep(self, agent: str, chosen: ThemeAndLanguage) -> None:
        if self.path is None:
            return
        others = {name: each for name, each in self._read().items() if name not in {agent, NOBODY}}
        kept = {NOBODY: chosen, agent: chosen, **dict(list(others.items())[: MOST_AGENTS - 2])}
        new = self.path.with_name(f"{self.path.name}.{os.getpid()}")
        with suppress(OSError):
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            new.write_bytes(msgspec.json.encode(kept))
            new.replace(self.path)

    def _read(self) -> dict[str, ThemeAndLanguage]:
        if self.path is None:
            return {}
        try:
            with self.path.open("rb") as file:
                return KEPT.decode(file.read(LONGEST))
        except (OSError, ValueError):  # absent, or not ours
            return {}
