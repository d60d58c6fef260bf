"""Remembers each agent's last theme and language in a file on the terminal."""

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from core.text.text import Language

LATEST_CHOICE = ""
"""The key under which the file stores the latest choice by any agent."""
MOST_AGENTS = 200
MAXIMUM_BYTES = 100_000


class ThemeAndLanguage(msgspec.Struct, frozen=True):
    theme: str
    language: Language


DECODER = msgspec.json.Decoder(dict[str, ThemeAndLanguage])


def appearance_file(environment: Mapping[str, str]) -> Path:
    state = Path(environment.get("XDG_STATE_HOME", ""))
    return (state if state.is_absolute() else Path.home() / ".local" / "state") / "retrouve" / "desk.json"


@dataclass(frozen=True, slots=True)
class RememberedThemeAndLanguage:
    """Stores each agent's theme and language in a file. An unreadable file is ignored."""

    path: Path | None = None

    def of(self, agent: str = LATEST_CHOICE) -> ThemeAndLanguage | None:
        """Return an agent's last choice. If no agent is given, return the latest choice by any agent."""
        return self._read().get(agent)

    def keep(self, agent: str, chosen: ThemeAndLanguage) -> None:
        if self.path is None:
            return
        others = {name: each for name, each in self._read().items() if name not in {agent, LATEST_CHOICE}}
        kept = {LATEST_CHOICE: chosen, agent: chosen, **dict(list(others.items())[: MOST_AGENTS - 2])}
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
                return DECODER.decode(file.read(MAXIMUM_BYTES))
        except (OSError, ValueError):  # missing or invalid
            return {}
