"""The election that most tests use: its dates, voters and dependencies, with a clock that tests can move."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Lock
from zoneinfo import ZoneInfo

from core.adapters import database_clock
from core.adapters.key_vault import SECRET_BYTES, KeyVault, MasterKey
from core.adapters.password_hashing import Argon2PasswordHasher
from core.adapters.random_source import SeededRandomSource
from core.flows.dependencies import Dependencies
from core.flows.flow_handler import Visit
from core.forms.flow_model import ShownStep
from core.policy.calendar import Calendar
from core.policy.policy import Policy
from core.ports import RollEntry, Store, Voter
from core.security import key_purposes
from core.security.digests import PlatformPseudonyms
from core.text.contact import ElectionContact
from core.text.text import BilingualText, Language

OPENS = datetime(2018, 11, 12, 8, tzinfo=UTC)
VOTE_OPENS = datetime(2018, 11, 29, 7, tzinfo=UTC)
CLOSES = datetime(2018, 12, 6, 16, tzinfo=UTC)
NOON = datetime(2018, 11, 30, 11, tzinfo=UTC)
"""Noon in Paris on the second day of the vote."""
ODD = datetime(2018, 11, 30, 13, 2, 3, 456789, tzinfo=UTC)
"""A time with microseconds, which a database column must not round."""
CALENDAR = Calendar(
    recovery_opens=OPENS,
    vote_opens=VOTE_OPENS,
    vote_closes=CLOSES,
    last_minutes=timedelta(minutes=30),
    zone=ZoneInfo("Europe/Paris"),
)
ELECTION = ElectionContact(
    name="Élections professionnelles 2018",
    site="https://vote.ac-lumiere.example",
    desk_phone="01 99 00 12 34",
    desk_hours=BilingualText("de 8 h à 18 h", "8 am to 6 pm"),
    vote_opens=CALENDAR.to_local(VOTE_OPENS),
    vote_closes=CALENDAR.to_local(CLOSES),
)
CAMILLE = "camille.martin@ac-lumiere.example"
STRANGER = "nobody@ac-lumiere.example"
GOOD = "Lavande bleue 2018"
NETWORK = "192.0.2.1"


class ElectionClock(database_clock.MovableClock):
    """A clock that shows NOON until a test moves it."""

    def __init__(self, at: datetime = NOON) -> None:
        super().__init__(at)


class CountingHasher(Argon2PasswordHasher):
    """Hashes passwords with real argon2id and minimal memory, and counts the hashes."""

    def __init__(self, memory_kib: int = 8) -> None:
        super().__init__(memory_kib=memory_kib, time=1)
        self.hashed = 0
        self.verified = 0
        self._lock = Lock()

    def hash(self, password: str) -> str:
        with self._lock:
            self.hashed += 1
        return super().hash(password)

    def verify(self, hashed: str | None, password: str) -> bool:
        with self._lock:
            self.verified += 1
        return super().verify(hashed, password)


def vault(entropy: SeededRandomSource) -> KeyVault:
    """Return a vault with real keys, which are the same in every run."""
    return KeyVault([MasterKey(id=1, secret=entropy.random_bytes(SECRET_BYTES), created=OPENS)], entropy)


def dependencies(store: Store, **changes: object) -> Dependencies:
    """Return the dependencies of the tests' election with the given store. `changes` replace some of them."""
    entropy = SeededRandomSource()
    usual = Dependencies(
        store=store,
        vault=vault(entropy),
        hasher=CountingHasher(),
        clock=ElectionClock(),
        entropy=entropy,
        policy=Policy(),
        calendar=CALENDAR,
        election=ELECTION,
    )
    return replace(usual, **changes)  # type: ignore[arg-type]  # by name, as `replace` takes them


PLATFORM_KEY = vault(SeededRandomSource()).digest(key_purposes.PLATFORM, b"shared key")
"""Key that Retrouve shares with the embedded voting platform."""


def entry(email: str = CAMILLE, **changes: object) -> RollEntry:
    usual = RollEntry(
        email=email,
        last_name="Martin",
        first_name="Camille",
        birth_date_digest=b"birth date",
        numen_digest=hashlib.sha256(email.encode()).digest(),
        pseudonym=PlatformPseudonyms(PLATFORM_KEY).stored_pseudonym(email),
        phone_digest=None,
        phone_ending=None,
        academie=None,
        language=Language.FRENCH,
        first_verifier=None,
    )
    return RollEntry(**{**{name: getattr(usual, name) for name in RollEntry.__struct_fields__}, **changes})


def add_voters(store: Store, *entries: RollEntry) -> tuple[Voter, ...]:
    """Add lines to the electoral roll, as an import does."""
    with store.write() as transaction:
        transaction.roll.add(entries)
    return tuple(voter_of(store, each.email) for each in entries)


def voter_of(store: Store, email: str) -> Voter:
    """Return the voter who has the given address on the current roll."""
    with store.read() as transaction:
        found = transaction.voters.by_address(email)
    assert found is not None
    return found


def facts_of(shown: ShownStep, *, without: str = "address") -> dict[str, object]:
    """Return the values that MP-4 shows to a visitor, except the value named `without`."""
    return {name: value for name, value in shown.facts.items() if name != without}


def visit(**held: str | None) -> Visit:
    """Return the visit of a browser that has the given cookies."""
    return Visit(network=NETWORK, language=Language.FRENCH).with_(**held)
