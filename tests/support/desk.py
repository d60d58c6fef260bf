"""The desk as tests meet it: agents on duty, their codes, callers they have verified."""

from dataclasses import dataclass
from datetime import date

import pyotp

from core.digests import birth_date_digest, numen_digest
from core.ports import Entry, Role, Voter
from core.service.desk.proofs import Caller, Duty, Newcomer
from core.service.desk.roster import Credentials
from core.service.tools import Tools
from tests.support.election import CAMILLE, entry
from tests.support.worlds import World

BORN = date(1970, 12, 31)
NUMEN = "12A1234567BCD"
OWN = "Quatre sabots verts 17"
"""An agent's own password."""


@dataclass
class Sitting:
    """Someone at the desk: what they were given, and what they chose."""

    world: World
    given: Credentials
    password: str = ""

    @property
    def name(self) -> str:
        """Of their account."""
        return self.given.name

    @property
    def code(self) -> str:
        """What their application shows now."""
        totp = pyotp.parse_uri(self.given.secret_uri)
        assert isinstance(totp, pyotp.TOTP)
        return totp.at(self.world.clock.now())

    def newcomer(self) -> Newcomer:
        """Signed in with the first password."""
        found = self.world.house.desk.agents.sign_in(self.name, self.given.first_password, self.code)
        assert isinstance(found, Newcomer)
        return found

    def arrive(self) -> Duty:
        """On duty for the first time, with a password of their own."""
        duty = self.world.house.desk.agents.choose_password(self.newcomer(), OWN)
        self.password = OWN
        self.world.clock.move(minutes=1)  # the next code
        return duty

    def sign_in(self) -> Duty:
        """On duty again."""
        duty = self.world.house.desk.agents.sign_in(self.name, self.password, self.code)
        assert isinstance(duty, Duty)
        return duty


def sitting(world: World, name: str = "camille", role: Role = Role.AGENT) -> Sitting:
    """Someone new at the desk, not signed in yet."""
    given = world.house.desk.roster.add(name, role)
    assert given is not None
    return Sitting(world, given)


def on_duty(world: World, name: str = "camille", role: Role = Role.AGENT) -> Duty:
    """Someone new at the desk, signed in."""
    return sitting(world, name, role).arrive()


def known_entry(tools: Tools, email: str = CAMILLE, numen: str = NUMEN, **changes: object) -> Entry:
    """A line of the roll whose owner was born on `BORN`, with the digests that an import makes."""
    digests = {
        "numen_digest": numen_digest(tools.vault, numen),
        "birth_date_digest": birth_date_digest(tools.vault, BORN, numen),
    }
    return entry(email, **{**digests, **changes})


def add_known(world: World, email: str = CAMILLE, numen: str = NUMEN, **changes: object) -> Voter:
    """That one, on the roll."""
    (voter,) = world.add(known_entry(world.tools, email, numen, **changes))
    return voter


def verified(world: World, duty: Duty, voter: Voter, numen: str = NUMEN) -> Caller:
    """A caller who answered well."""
    return world.house.desk.callers.verify(duty, voter.id, BORN, numen)
