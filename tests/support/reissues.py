"""A voter on the way to a new identifier: what they know, what they type, and what reaches their telephone."""

from dataclasses import dataclass, field
from datetime import date

from core.adapters.registry import EmbeddedPlatform
from core.digests import birth_date_digest, numen_digest
from core.flows.identifier import IdentifierFlow
from core.identifiers import clean_identifier
from core.platform import Away, Denied, Done, Hold, Overtaken, Reissue
from core.ports import Delivery, Entry, Sms, Voter
from core.service.visit import Turn
from core.steps import Shown
from tests.support.election import CAMILLE, GOOD, entry, visit
from tests.support.worlds import World

PHONE, E164 = "06 12 34 56 78", "+33612345678"
BORN = date(1970, 12, 31)
IDENTIFIER_SMS, CODE_SMS = "identifier.", "code."


@dataclass
class PlayedPlatform:
    """The port VotingPlatform: `says` answers instead of the one behind, when it is something."""

    behind: object
    says: Denied | Away | Overtaken | None = None
    told: list[Reissue | Hold] = field(default_factory=list)

    @property
    def keeps_apart(self) -> bool:
        """As any platform of its own."""
        return True

    def reissue(self, reissue: Reissue) -> Done | Overtaken | Denied | Away:
        """Keeps what it is told."""
        self.told.append(reissue)
        return self.says or self.behind.reissue(reissue)  # type: ignore[attr-defined, no-any-return]  # a platform

    def hold(self, hold: Hold) -> Done | Denied | Away:
        """Likewise."""
        self.told.append(hold)
        if isinstance(self.says, Denied | Away):
            return self.says
        return self.behind.hold(hold)  # type: ignore[attr-defined, no-any-return]  # a platform

    def standings(self) -> object:
        """Those of the one behind."""
        return self.behind.standings()  # type: ignore[attr-defined]  # a platform


def numen_of(email: str) -> str:
    """A NUMEN of their own."""
    return f"01E{sum(email.encode()) * 7919 % 10**7:07d}ABC"


def line(world: World, email: str = CAMILLE, **changes: object) -> Entry:
    """A line of the roll whose birth date and NUMEN are known here."""
    vault, numen = world.tools.vault, numen_of(email)
    digests = {
        "numen_digest": numen_digest(vault, numen),
        "birth_date_digest": birth_date_digest(vault, BORN, numen),
        "pseudonym": world.house.pseudonyms.kept(numen),
    }
    return entry(email, **{**digests, **changes})


def identity(email: str = CAMILLE, **changes: str) -> dict[str, str]:
    """What a voter types."""
    typed = {
        "phone": PHONE,
        "birth_date-day": str(BORN.day),
        "birth_date-month": str(BORN.month),
        "birth_date-year": str(BORN.year),
        "numen": numen_of(email),
    }
    return {**typed, **changes}


@dataclass
class Reissuer:
    """A voter who is signed in."""

    world: World
    email: str = CAMILLE
    session: str | None = None

    @property
    def steps(self) -> IdentifierFlow:
        """The flow."""
        return self.world.house.identifier

    @property
    def voter(self) -> Voter:
        """Where their access stands."""
        return self.world.voter(self.email)

    def sign_in(self) -> "Reissuer":
        """With a password they choose first."""
        if self.voter.password is None:
            self.world.with_password(GOOD, self.email)
        self.session = self.world.sessions.sign_in(self.email, GOOD, visit(), case="7F3K-92QD").session
        return self

    def request(self) -> Turn:
        """ID-1."""
        return self.world.at(self.steps.begin, "request", visit(session=self.session))

    def prove(self, **changes: str) -> Turn:
        """ID-2."""
        return self.world.at(
            self.steps.identity, "validate", visit(session=self.session), **identity(self.email, **changes)
        )

    def asked(self, **changes: str) -> "Reissuer":
        """At ID-3, with the code on its way."""
        self.request()
        self.prove(**changes)
        return self

    def type(self, code: str) -> Turn:
        """ID-3."""
        return self.world.at(self.steps.code, "validate", visit(session=self.session), code=code)

    def press(self, name: str) -> Turn:
        """Another button of ID-3."""
        return self.world.at(self.steps.code, name, visit(session=self.session))

    def code(self, phone: str = E164) -> str:
        """That of the last SMS, once the courier has been."""
        self.world.courier().round()
        return self.sms(CODE_SMS, phone)[-1].text[-6:]

    def wrong(self, phone: str = E164) -> str:
        """Six digits that are not the code."""
        return f"{(int(self.code(phone)) + 1) % 10**6:06d}"

    def order(self, **changes: str) -> Turn:
        """As far as ID-4."""
        phone = changes.get("phone")
        self.asked(**changes)
        return self.type(self.code(E164 if phone is None else phone.replace(" ", "")))

    def receive(self, **changes: str) -> str:
        """The whole way; returns the identifier."""
        self.order(**changes)
        self.world.courier().round()
        return self.identifier()

    def identifier(self) -> str:
        """That of the last SMS that held one."""
        return self.sms(IDENTIFIER_SMS)[-1].text.split("\n")[0].rpartition(" ")[2]

    def sms(self, kind: str, phone: str | None = None) -> list[Sms]:
        """What reached a telephone, or any."""
        return [
            sms
            for sms in self.world.air.taken
            if sms.message_id.startswith(kind) and (phone is None or sms.recipient == phone)
        ]

    def report(self, delivery: Delivery) -> bool:
        """The operator's word on the last identifier's SMS."""
        return self.world.house.hearing.delivered(self.sms(IDENTIFIER_SMS)[-1].message_id, delivery)

    def shown(self) -> Shown:
        """What they see when they look."""
        return self.world.house.reception.show(self.steps.sending, visit(session=self.session))

    def left(self) -> int:
        """How many re-issues are left."""
        office = self.world.house.office
        with self.world.store.read() as transaction:
            standing = office.standing(transaction, self.voter.id, office.codes, self.world.clock.at)
        return office.account(standing).reissues_left

    def acts(self) -> list[str]:
        """What happened in their last case."""
        with self.world.store.read() as transaction:
            case = transaction.recoveries.latest(self.voter.id, self.steps.flow.slug)
        assert case is not None
        return self.world.acts(case.number)


def reissuer(world: World, email: str = CAMILLE) -> Reissuer:
    """A voter on the roll, signed in."""
    world.add(line(world, email))
    return Reissuer(world, email).sign_in()


def play_platform(world: World) -> PlayedPlatform:
    """Puts a platform that the test plays before the world's own."""
    played = PlayedPlatform(world.house.platform)
    world.house.__dict__["platform"] = played
    return played


def pseudonym(world: World, email: str = CAMILLE) -> str:
    """Who that voter is to the platform."""
    return world.house.pseudonyms.told(world.voter(email).pseudonym)


def votes(world: World, identifier: str, email: str = CAMILLE) -> bool:
    """Whether that voter of the present roll could vote with that identifier now."""
    return verifies(world, identifier, pseudonym(world, email))


def verifies(world: World, identifier: str, whose: str) -> bool:
    """Whether it would let that pseudonym vote, on the roll or not."""
    platform, key = world.house.platform, world.house.platform_key
    behind = platform.behind if isinstance(platform, PlayedPlatform) else platform
    assert isinstance(behind, EmbeddedPlatform)
    symbols = clean_identifier(identifier)
    assert symbols is not None
    return behind.verify(whose, symbols, key)
