"""Remembers each agent's last theme and language, in a file of the terminal's account."""

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from core.text.text import Language

NOBODY = ""
"""The key of the last choice of any agent, used by the sign-in screen."""
MOST_AGENTS = 200
LONGEST = 100_000
"""The most bytes read from the file."""


class ThemeAndLanguage(msgspec.Struct, frozen=True):
    theme: str
    language: Language


KEPT = msgspec.json.Decoder(dict[str, ThemeAndLanguage])


def appearance_file(environment: Mapping[str, str]) -> Path:
    state = Path(environment.get("XDG_STATE_HOME", ""))
    return (state if state.is_absolute() else Path.home() / ".local" / "state") / "retrouve" / "desk.json"


@dataclass(frozen=True, slots=True)
class RememberedThemeAndLanguage:
    """Reads and writes the file. Errors are ignored, and the default theme and language are used."""

    path: Path | None = None
    """None disables the file."""

    def of(self, agent: str = NOBODY) -> ThemeAndLanguage | None:
        """Return the agent's last choice or, without an agent, the last choice of any agent."""
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
        except (OSError, ValueError):  # missing or invalid
            return {}
