"""The agents of a demo: their passwords and secrets lie in a file beside its fictional voters, for whoever plays them.

A real election has no such file; it is read in a demo only.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

import msgspec
import pyotp

from core.ports import Role

FILE = "agents.json"


class DemoAgent(msgspec.Struct, frozen=True, kw_only=True):
    """Someone to play at the desk."""

    name: str
    role: Role
    password: str
    secret: str

    def code(self, now: datetime) -> str:
        """What their application would show then."""
        return pyotp.TOTP(self.secret).at(now)


def write(folder: Path, agents: Iterable[DemoAgent]) -> None:
    """One agent a line."""
    (folder / FILE).write_bytes(b"".join(msgspec.json.encode(agent) + b"\n" for agent in agents))


def read(folder: Path) -> Iterator[DemoAgent]:
    """Nobody where there is no such file."""
    path = folder / FILE
    lines = path.read_bytes().splitlines() if path.exists() else []
    return (msgspec.json.decode(line, type=DemoAgent) for line in lines)
