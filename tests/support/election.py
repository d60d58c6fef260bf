"""The election that tests hold: its dates, its words, its tools under a clock that one moves by hand, its voters."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from core import purposes
from core.adapters import clock
from core.adapters.entropy import SeededEntropy
from core.adapters.guessing import Zxcvbn
from core.adapters.hashing import Argon2Hasher
from core.adapters.keys import SECRET_BYTES, Key, KeyVault
from core.policy import Calendar, Election, Policy
from core.ports import Entry, Store, Voter
from core.pseudonyms import Pseudonyms
from core.service.tools import Tools
from core.service.visit import Visit
from core.steps import Shown
from core.text import Language, Phrase

OPENS = datetime(2018, 11, 12, 8, tzinfo=UTC)
VOTE_OPENS = datetime(2018, 11, 29, 7, tzinfo=UTC)
CLOSES = datetime(2018, 12, 6, 16, tzinfo=UTC)
NOON = datetime(2018, 11, 30, 11, tzinfo=UTC)
"""Twelve o'clock in Paris, on the second day of the vote."""
ODD = datetime(2018, 11, 30, 13, 2, 3, 456789, tzinfo=UTC)
"""A moment that a careless column would round."""
CALENDAR = Calendar(
    recovery_opens=OPENS,
    vote_opens=VOTE_OPENS,
    vote_closes=CLOSES,
    last_minutes=timedelta(minutes=30),
    zone=ZoneInfo("Europe/Paris"),
)
ELECTION = Election(
    name="Élections professionnelles 2018",
    site="https://vote.ac-lumiere.example",
    desk_phone="01 99 00 12 34",
    desk_hours=Phrase("de 8 h à 18 h", "8 am to 6 pm"),
)
CAMILLE = "camille.martin@ac-lumiere.example"
STRANGER = "nobody@ac-lumiere.example"
GOOD = "Lavande bleue 2018"
NETWORK = "192.0.2.1"


class MovableClock(clock.MovableClock):
    """At noon until it is moved."""

    def __init__(self, at: datetime = NOON) -> None:
        super().__init__(at)


class CountingHasher(Argon2Hasher):
    """Real argon2id with the least memory, which counts its work."""

    def __init__(self, memory_kib: int = 8) -> None:
        super().__init__(memory_kib=memory_kib, time=1)
        self.hashed = 0
        self.verified = 0

    def hash(self, password: str) -> str:
        """One more."""
        self.hashed += 1
        return super().hash(password)

    def verify(self, hashed: str | None, password: str) -> bool:
        """One more."""
        self.verified += 1
        return super().verify(hashed, password)


def vault(entropy: SeededEntropy) -> KeyVault:
    """Real keys, the same at every run."""
    return KeyVault([Key(id=1, secret=entropy.token(SECRET_BYTES), created=OPENS)], entropy)


def tools(store: Store, **changes: object) -> Tools:
    """The tools of this election over that store; any of them may be another."""
    entropy = SeededEntropy()
    usual = Tools(
        store=store,
        vault=vault(entropy),
        hasher=CountingHasher(),
        guesses=Zxcvbn(),
        clock=MovableClock(),
        entropy=entropy,
        policy=Policy(),
        calendar=CALENDAR,
        election=ELECTION,
    )
    return replace(usual, **changes)  # type: ignore[arg-type]  # by name, as `replace` takes them


PLATFORM_KEY = vault(SeededEntropy()).digest(purposes.PLATFORM, b"shared key")
"""What the house of these tools shares with its own platform."""


def entry(email: str = CAMILLE, **changes: object) -> Entry:
    """A line of the roll."""
    usual = Entry(
        email=email,
        last_name="Martin",
        first_name="Camille",
        birth_date_digest=b"birth date",
        numen_digest=hashlib.sha256(email.encode()).digest(),
        pseudonym=Pseudonyms(PLATFORM_KEY).kept(email),
        phone_digest=None,
        phone_ending=None,
        academie=None,
        language=Language.FRENCH,
        first_verifier=None,
    )
    return Entry(**{**{name: getattr(usual, name) for name in Entry.__struct_fields__}, **changes})


def add_voters(store: Store, *entries: Entry) -> tuple[Voter, ...]:
    """Those lines on the roll, by the port that an import uses."""
    with store.write() as transaction:
        transaction.roll.add(entries)
    return tuple(voter_of(store, each.email) for each in entries)


def voter_of(store: Store, email: str) -> Voter:
    """The voter at that address of the present roll."""
    with store.read() as transaction:
        found = transaction.voters.by_address(email)
    assert found is not None
    return found


def facts_of(shown: Shown, *, without: str = "address") -> dict[str, object]:
    """What MP-4 prints, but for one thing."""
    return {name: value for name, value in shown.facts.items() if name != without}


def visit(**held: str | None) -> Visit:
    """A visitor who holds that."""
    return Visit(network=NETWORK, language=Language.FRENCH).with_(**held)
