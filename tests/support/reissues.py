"""A voter who requests a new identifier, step by step, and reads the SMS."""

from dataclasses import dataclass, field
from datetime import date

from core.adapters.embedded_voting_platform import EmbeddedVotingPlatform
from core.flows.account.voter_space_definition import VOTER_SPACE
from core.flows.flow_handler import StepResult
from core.flows.identifier.definition import IdentifierFlow
from core.flows.identifier.plugin import IdentifierFlowPlugin
from core.flows.identifier.reissue_status import read_status
from core.forms.flow_model import RESUME, ShownStep, Step, actions_not_possible_yet
from core.ports import Actor, Event, EventType, RecoveryCase, RollEntry, Sms, SmsDeliveryStatus, Voter
from core.ports.voting_platform import (
    FreezeOrder,
    GenerationConflict,
    OrderCarriedOut,
    OrderDenied,
    PlatformOutcomeUnknown,
    ReissueOrder,
)
from core.security.digests import birth_date_digest, numen_digest
from core.security.voting_identifiers import clean_identifier
from tests.support.election import CAMILLE, GOOD, entry, visit
from tests.support.worlds import World

PHONE, E164 = "06 12 34 56 78", "+33612345678"
BORN = date(1970, 12, 31)
IDENTIFIER_SMS, CODE_SMS = "identifier.", "code."


@dataclass
class PlayedPlatform:
    """Implements the port VotingPlatform for tests. It answers `says`, or, if this is None, asks the real platform."""

    behind: object
    says: OrderDenied | PlatformOutcomeUnknown | GenerationConflict | None = None
    told: list[ReissueOrder | FreezeOrder] = field(default_factory=list)

    def reissue(
        self, reissue: ReissueOrder
    ) -> OrderCarriedOut | GenerationConflict | OrderDenied | PlatformOutcomeUnknown:
        self.told.append(reissue)
        return self.says or self.behind.reissue(reissue)  # type: ignore[attr-defined, no-any-return]  # a platform

    def set_freeze(self, hold: FreezeOrder) -> OrderCarriedOut | OrderDenied | PlatformOutcomeUnknown:
        self.told.append(hold)
        if isinstance(self.says, OrderDenied | PlatformOutcomeUnknown):
            return self.says
        return self.behind.set_freeze(hold)  # type: ignore[attr-defined, no-any-return]  # a platform

    def accounts(self) -> object:
        return self.behind.accounts()  # type: ignore[attr-defined]  # a platform


def numen_of(email: str) -> str:
    return f"01E{sum(email.encode()) * 7919 % 10**7:07d}ABC"


def line(world: World, email: str = CAMILLE, **changes: object) -> RollEntry:
    """Return a line of the roll, with the birth date BORN and the NUMEN from `numen_of`."""
    vault, numen = world.dependencies.vault, numen_of(email)
    digests = {
        "numen_digest": numen_digest(vault, numen),
        "birth_date_digest": birth_date_digest(vault, BORN, numen),
        "pseudonym": world.services.platform_pseudonyms.stored_pseudonym(numen),
    }
    return entry(email, **{**digests, **changes})


def identity(email: str = CAMILLE, **changes: str) -> dict[str, str]:
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
    world: World
    email: str = CAMILLE
    session: str | None = None

    @property
    def steps(self) -> IdentifierFlow:
        return self.world.services.flows[IdentifierFlowPlugin].steps

    @property
    def voter(self) -> Voter:
        return self.world.voter(self.email)

    def sign_in(self) -> "Reissuer":
        if self.voter.password is None:
            self.world.with_password(GOOD, self.email)
        self.session = self.world.sessions.sign_in(self.email, GOOD, visit()).session
        return self

    def request(self) -> StepResult:
        """Submit the form of ID-1."""
        return self.world.at(self.steps.begin, "request", visit(session=self.session))

    def prove(self, **changes: str) -> StepResult:
        """Submit the form of ID-2."""
        return self.world.at(
            self.steps.identity, "validate", visit(session=self.session), **identity(self.email, **changes)
        )

    def asked(self, **changes: str) -> "Reissuer":
        """Go to ID-3, where the code has been requested."""
        self.request()
        self.prove(**changes)
        return self

    def type(self, code: str) -> StepResult:
        """Submit a code at ID-3."""
        return self.world.at(self.steps.code, "validate", visit(session=self.session), code=code)

    def press(self, name: str) -> StepResult:
        """Press a button of ID-3 other than the one that submits the code."""
        return self.world.at(self.steps.code, name, visit(session=self.session))

    def code(self, phone: str = E164) -> str:
        """Run the courier, and return the code in the last SMS."""
        self.world.courier().run_once()
        return self.sms(CODE_SMS, phone)[-1].text[-6:]

    def wrong(self, phone: str = E164) -> str:
        """Return six digits that are not the right code."""
        return f"{(int(self.code(phone)) + 1) % 10**6:06d}"

    def order(self, **changes: str) -> StepResult:
        """Type the right code, which requests the identifier and leads to ID-4."""
        phone = changes.get("phone")
        self.asked(**changes)
        return self.type(self.code(E164 if phone is None else phone.replace(" ", "")))

    def receive(self, **changes: str) -> str:
        """Go through the whole flow, and return the new identifier."""
        self.order(**changes)
        self.world.courier().run_once()
        return self.identifier()

    def identifier(self) -> str:
        """Return the identifier in the last SMS that contains one."""
        return identifier_of(self.sms(IDENTIFIER_SMS)[-1])

    def sms(self, kind: str, phone: str | None = None) -> list[Sms]:
        """Return the SMS of one kind, to one phone or to all phones."""
        return [
            sms
            for sms in self.world.air.taken
            if sms.message_id.startswith(kind) and (phone is None or sms.recipient == phone)
        ]

    def report(self, delivery: SmsDeliveryStatus) -> bool:
        """Send the report of a mobile operator about the last identifier's SMS. Returns whether it was accepted."""
        return self.world.services.flows[IdentifierFlowPlugin].receive_delivery_report(
            self.sms(IDENTIFIER_SMS)[-1].message_id, delivery, lambda _: None
        )

    def shown(self) -> ShownStep:
        return self.world.services.dispatcher.show(self.steps.sending, visit(session=self.session))

    def resumed_step(self) -> Step | None:
        """Sign in again, and return the step to which EV-1 leads back, or None."""
        held = visit(session=self.sign_in().session)
        shown = self.world.services.dispatcher.show(VOTER_SPACE.home, held)
        if any(act.name == RESUME for act in actions_not_possible_yet(shown)):
            return None
        return self.world.services.dispatcher.show(self.world.at(VOTER_SPACE.home, RESUME, held).step, held).step

    def left(self) -> int:
        with self.world.store.read() as transaction:
            status = read_status(self.world.dependencies, transaction, self.voter.id, self.world.clock.at)
        return status.allowance.reissues_left

    @property
    def case(self) -> RecoveryCase:
        with self.world.store.read() as transaction:
            case = transaction.recoveries.latest(self.voter.id, self.steps.flow.slug)
        assert case is not None
        return case

    def acts(self) -> list[str]:
        return self.world.acts(self.case.number)

    def freeze(self, *, disowning: bool = False) -> None:
        """Freeze the account with the link in the notice of the new password, or of the newest identifier."""
        tokens = [mail.stop for mail in self.world.post.to(self.email) if mail.stop is not None]
        self.world.stops.freeze(tokens[-1 if disowning else 0])

    def reopen(self) -> None:
        """Reopen the account, as two people at the desk do."""
        voter, now = self.voter, self.world.clock.at
        with self.world.store.write() as transaction:
            transaction.voters.unfreeze(voter.id, epoch=voter.epoch, at=now)
            transaction.journal.write(Event(at=now, actor=Actor.AGENT, act=EventType.UNFROZEN, voter=voter.id))
            self.world.dependencies.queue_freeze_update(transaction, case=self.case.number, voter=voter.id, at=now)


def identifier_of(sms: Sms) -> str:
    return sms.text.split("\n")[1].rpartition(" ")[2]


def reissuer(world: World, email: str = CAMILLE) -> Reissuer:
    """Add a voter to the roll, and sign the voter in."""
    world.add(line(world, email))
    return Reissuer(world, email).sign_in()


def play_platform(world: World) -> PlayedPlatform:
    """Replace the platform of a world with one whose answers the test can set."""
    played = PlayedPlatform(world.services.platform)
    world.services.__dict__["platform"] = played
    return played


def pseudonym(world: World, email: str = CAMILLE) -> str:
    return world.services.platform_pseudonyms.platform_pseudonym(world.voter(email).pseudonym)


def votes(world: World, identifier: str, email: str = CAMILLE) -> bool:
    """Return whether a voter could vote with an identifier now."""
    return verifies(world, identifier, pseudonym(world, email))


def verifies(world: World, identifier: str, whose: str) -> bool:
    """Return whether the voting platform would accept an identifier from a pseudonym. It need not be on the roll."""
    platform, key = world.services.platform, world.services.platform_key
    behind = platform.behind if isinstance(platform, PlayedPlatform) else platform
    assert isinstance(behind, EmbeddedVotingPlatform)
    symbols = clean_identifier(identifier)
    assert symbols is not None
    return behind.is_in_force(whose, symbols, key)
