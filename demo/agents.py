"""The agents of a demo: a file beside its database keeps their passwords and TOTP secrets for whoever plays them.

A real election has no such file.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

import msgspec
import pyotp

from core.app.services import Services
from core.ports import AgentRole

FILE = "agents.json"


class DemoAgent(msgspec.Struct, frozen=True, kw_only=True):
    """A fictional agent of the desk."""

    name: str
    role: AgentRole
    password: str
    secret: str

    def totp_code(self, now: datetime) -> str:
        """Return the TOTP code at that moment."""
        return pyotp.TOTP(self.secret).at(now)


def write(folder: Path, agents: Iterable[DemoAgent]) -> None:
    """Write one agent a line."""
    (folder / FILE).write_bytes(msgspec.json.Encoder().encode_lines(agents))


def read(folder: Path) -> Iterator[DemoAgent]:
    """Read the agents; return none where there is no such file."""
    path = folder / FILE
    lines = path.read_bytes().splitlines() if path.exists() else []
    return (msgspec.json.decode(line, type=DemoAgent) for line in lines)


def demo_agents_with_current_codes(services: Services) -> Iterator[Mapping[str, str]]:
    """List a demo's agents with the code that each one's application shows now; list nobody outside a demo."""
    if not services.settings.demo or services.folder is None:
        return
    for each in read(services.folder):
        yield {
            "name": each.name,
            "role": each.role.value,
            "password": each.password,
            "code": each.totp_code(services.dependencies.clock.now()),
        }
