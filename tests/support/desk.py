"""Creates agents with sessions and codes, and verified callers, for tests of the helpdesk."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from threading import Barrier

import pyotp

from core.desk.accounts import NewAgentCredentials
from core.desk.authorisation import AgentChoosingFirstPassword, AgentSession, VerifiedCaller
from core.flows.dependencies import Dependencies
from core.forms.errors import Refusal
from core.ports import AgentRole, ApprovalRequest, RollEntry, Voter
from core.ports.incidents import Incident, IncidentScope
from core.security.digests import birth_date_digest, numen_digest
from core.text.faces.supervisor_approval_texts import ActNeedingApproval, ReopeningReason
from tests.support.election import CAMILLE, CLOSES, NOON, entry
from tests.support.worlds import World

BIRTH_DATE = date(1970, 12, 31)
NUMEN = "12A1234567BCD"
AGENT_PASSWORD = "Quatre sabots verts 17"
"""Password that agents choose in tests."""


@dataclass
class DeskAgent:
    world: World
    credentials: NewAgentCredentials

    @property
    def code(self) -> str:
        """Code that the agent's authenticator app shows now."""
        totp = pyotp.parse_uri(self.credentials.secret_uri)
        assert isinstance(totp, pyotp.TOTP)
        return totp.at(self.world.clock.now())

    def first_sign_in(self) -> AgentChoosingFirstPassword:
        name, password = self.credentials.name, self.credentials.first_password
        pending = self.world.services.desk.sessions.sign_in(name, password, self.code)
        assert isinstance(pending, AgentChoosingFirstPassword)
        return pending

    def choose_password(self) -> AgentSession:
        """Sign in for the first time, and choose a password."""
        session = self.world.services.desk.sessions.choose_password(self.first_sign_in(), AGENT_PASSWORD)
        self.world.clock.move(minutes=1)  # so that the next code is accepted
        return session

    def sign_in(self) -> AgentSession:
        session = self.world.services.desk.sessions.sign_in(self.credentials.name, AGENT_PASSWORD, self.code)
        assert isinstance(session, AgentSession)
        return session


def new_agent(world: World, name: str = "camille", role: AgentRole = AgentRole.AGENT) -> DeskAgent:
    credentials = world.services.desk.accounts.add(name, role)
    assert credentials is not None
    return DeskAgent(world, credentials)


def signed_in_agent(world: World, name: str = "camille", role: AgentRole = AgentRole.AGENT) -> AgentSession:
    return new_agent(world, name, role).choose_password()


def known_entry(dependencies: Dependencies, email: str = CAMILLE, numen: str = NUMEN, **changes: object) -> RollEntry:
    """Return a line of the roll with `BIRTH_DATE` and the given NUMEN. Both are digested as in an import."""
    digests = {
        "numen_digest": numen_digest(dependencies.vault, numen),
        "birth_date_digest": birth_date_digest(dependencies.vault, BIRTH_DATE, numen),
    }
    return entry(email, **{**digests, **changes})


def add_known(world: World, email: str = CAMILLE, numen: str = NUMEN, **changes: object) -> Voter:
    """Add a voter with `BIRTH_DATE` and the given NUMEN to the roll."""
    (voter,) = world.add(known_entry(world.dependencies, email, numen, **changes))
    return voter


def verified_caller(world: World, session: AgentSession, voter: Voter, numen: str = NUMEN) -> VerifiedCaller:
    """Verify a caller who gives the right answers."""
    return world.services.desk.verification.verify(session, voter.id, BIRTH_DATE, numen)


def let_call_go_on(world: World, session: AgentSession, caller: VerifiedCaller, minutes: int) -> None:
    """Let some minutes pass while the agent keeps the caller's file open."""
    for _ in range(minutes):
        world.clock.move(minutes=1)
        world.services.desk.verification.resume(session, caller)


def an_approval_request(voter: int) -> ApprovalRequest:
    return ApprovalRequest(
        id="request",
        act=ActNeedingApproval.UNFREEZE,
        voter=voter,
        epoch=0,
        agent="camille",
        session="session",
        reason=ReopeningReason.BY_MISTAKE,
        asked=NOON,
        until=NOON,
    )


def outcome(call: Callable[[], object]) -> object:
    """Return the result of a use case, or the class of the refusal that it raises."""
    try:
        return call()
    except Refusal as refusal:
        return type(refusal)


def race(*calls: Callable[[], object]) -> list[object]:
    """Call several use cases at the same moment, and return their outcomes."""
    start = Barrier(len(calls))

    def run(call: Callable[[], object]) -> object:
        start.wait()
        return outcome(call)

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def an_incident() -> Incident:
    return Incident(
        scope=IncidentScope.EVERYBODY, subject="", sentence="mail", minutes=None, began=NOON, until=CLOSES, author="lou"
    )
