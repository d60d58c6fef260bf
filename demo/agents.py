"""Adds the agents of a demo. Only a demo stores their passwords and TOTP secrets in a file."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pyotp

from core.app.services import Services
from core.desk.authorisation import AgentSession
from core.desk.desk import TerminalDesk
from core.desk.sessions import CODE_SECONDS, AgentSessions
from core.forms.errors import AgentCodeUsed
from core.ports import AgentRole

FILE = "agents.json"
AGENTS = {"camille": AgentRole.AGENT, "dominique": AgentRole.SUPERVISOR, "claude": AgentRole.AUDITOR}
PASSWORD = "Quatre sabots verts 17"


class DemoAgent(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    role: AgentRole
    password: str
    secret: str

    def totp_code(self, now: datetime) -> str:
        return pyotp.TOTP(self.secret).at(now)


def add_agents(services: Services, folder: Path, agents: Mapping[str, AgentRole]) -> None:
    added = [_add(services, name, role) for name, role in agents.items()]
    (folder / FILE).write_bytes(msgspec.json.Encoder().encode_lines(added))


def _add(services: Services, name: str, role: AgentRole) -> DemoAgent:
    """Add an agent who has the demo's password. The agent's first TOTP code remains usable."""
    given = services.desk.accounts.add(name, role)
    assert given is not None  # noqa: S101  # the folder is new
    with services.dependencies.store.write() as transaction:
        agent = transaction.agents.by_name(name)
        assert agent is not None  # noqa: S101  # likewise
        hashed = services.dependencies.hasher.hash(PASSWORD)
        transaction.agents.set_password_hash(agent.id, hashed, epoch=agent.epoch)
    secret = pyotp.parse_uri(given.secret_uri).secret
    return DemoAgent(name=name, role=role, password=PASSWORD, secret=secret)


def read(folder: Path) -> Iterator[DemoAgent]:
    """Read the agents of a demo from its folder. Empty if the file is missing."""
    path = folder / FILE
    lines = path.read_bytes().splitlines() if path.exists() else []
    return (msgspec.json.decode(line, type=DemoAgent) for line in lines)


def sign_in_demo_agent(desk: TerminalDesk, agent: DemoAgent) -> AgentSession | None:
    """Sign in an agent. Returns None if the sign-in is refused."""
    for step in (timedelta(), timedelta(seconds=CODE_SECONDS)):
        code = agent.totp_code(desk.clock.now() + step)
        try:
            entered = desk.call(AgentSessions.sign_in, agent.name, agent.password, code)
        except AgentCodeUsed:
            continue
        return entered if isinstance(entered, AgentSession) else None
    return None
