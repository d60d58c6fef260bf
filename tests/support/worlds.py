"""An election in a test: the real rules and use cases over a chosen store, under a clock that one moves by hand."""

import hashlib
import random
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from zoneinfo import ZoneInfo

from core.adapters.guessing import Zxcvbn
from core.adapters.hashing import Argon2Hasher
from core.adapters.keys import SECRET_BYTES, Key, KeyVault
from core.adapters.letters import Letters
from core.adapters.throttle import OpenDoor
from core.answers import parse_address
from core.bootstrap import House, letters_of
from core.courier.worker import Courier
from core.policy import Calendar, Election, Policy
from core.ports import Carrier, Entry, Event, Store, Voter
from core.service.asking import Askings
from core.service.password import Links
from core.service.session import Sessions
from core.service.stopping import Stops
from core.service.tools import Tools
from core.service.visit import Turn, Visit
from core.settings import Settings
from core.settings.sample import sample
from core.steps import Shown, Step
from core.text import Language, Phrase
from tests.support.post import Post
from tests.support.stores import Kept

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


class MovableClock:
    """The port Clock."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def now(self) -> datetime:
        """Where it was last put."""
        return self.at

    def move(self, **by: float) -> None:
        """Ahead, by `hours=4` and the like."""
        self.at += timedelta(**by)


class SeededEntropy:
    """The port Entropy, the same at every run."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)  # noqa: S311  # nothing here is secret

    def token(self, size: int) -> bytes:
        """Not random at all."""
        return self._random.randbytes(size)

    def symbols(self, alphabet: str, size: int) -> str:
        """Likewise."""
        return "".join(self._random.choice(alphabet) for _ in range(size))


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


def tools(store: Store, **changes: object) -> Tools:
    """The tools of this election over that store; any of them may be another."""
    entropy = SeededEntropy()
    usual = Tools(
        store=store,
        vault=KeyVault([Key(id=1, secret=entropy.token(SECRET_BYTES), created=OPENS)], entropy),
        hasher=CountingHasher(),
        guesses=Zxcvbn(),
        clock=MovableClock(),
        entropy=entropy,
        policy=Policy(),
        calendar=CALENDAR,
        election=ELECTION,
    )
    return replace(usual, **changes)  # type: ignore[arg-type]  # by name, as `replace` takes them


def entry(email: str = CAMILLE, **changes: object) -> Entry:
    """A line of the roll."""
    usual = Entry(
        email=email,
        last_name="Martin",
        first_name="Camille",
        birth_date_digest=b"birth date",
        numen_digest=hashlib.sha256(email.encode()).digest(),
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


def visit(**held: str | None) -> Visit:
    """A visitor who holds that."""
    return Visit(network=NETWORK, language=Language.FRENCH).with_(**held)


@cache
def _settings() -> Settings:
    return Settings(**tomllib.loads(sample()))


@dataclass
class World:
    """One election at work, with a relay that the test plays."""

    kept: Kept
    tools: Tools
    post: Post = field(default_factory=Post)

    @property
    def store(self) -> Store:
        """Where it is kept."""
        return self.tools.store

    @property
    def clock(self) -> MovableClock:
        """The clock, to be moved."""
        assert isinstance(self.tools.clock, MovableClock)
        return self.tools.clock

    @property
    def hasher(self) -> CountingHasher:
        """The hasher, to be read."""
        assert isinstance(self.tools.hasher, CountingHasher)
        return self.tools.hasher

    @cached_property
    def house(self) -> House:
        """The parts as `core.bootstrap` joins them."""
        return House(_settings(), self.tools, OpenDoor())

    @cached_property
    def askings(self) -> Askings:
        """The asking half."""
        return Askings(self.tools, flow=self.house.password.flow.slug)

    @property
    def links(self) -> Links:
        """The link half."""
        return self.house.links

    @cached_property
    def sessions(self) -> Sessions:
        """Who is signed in."""
        return Sessions(self.tools)

    @cached_property
    def stops(self) -> Stops:
        """Freezing."""
        return Stops(self.tools)

    @cached_property
    def letters(self) -> Letters:
        """What writes the mails."""
        return letters_of(self.house)

    def courier(self, carrier: Carrier | None = None, jitter: Callable[[], float] = lambda: 1.0) -> Courier:
        """A new courier over this world's relay, whose pauses are the longest."""
        return replace(self.house.courier(carrier or self.post, self.letters), jitter=jitter)

    def add(self, *entries: Entry) -> tuple[Voter, ...]:
        """Voters on the roll."""
        return add_voters(self.store, *(entries or (entry(),)))

    def voter(self, email: str = CAMILLE) -> Voter:
        """Where that voter's access stands."""
        return voter_of(self.store, email)

    def confirming(self, email: str = CAMILLE) -> str:
        """A browser at MP-3: the handle of its case."""
        handle = self.askings.begin(parse_address(email, example=CAMILLE))
        self.askings.forget(handle)
        return handle

    def ask(self, email: str = CAMILLE) -> str:
        """A browser at MP-4."""
        handle = self.confirming(email)
        self.askings.ask(handle)
        return handle

    def link(self, email: str = CAMILLE) -> str:
        """The token of a new link that has reached its reader."""
        self.ask(email)
        self.courier().round()
        return self.post.links(email)[-1]

    def with_password(self, password: str = GOOD, email: str = CAMILLE) -> Voter:
        """A voter who chose that password."""
        self.links.choose_password(self.link(email), password)
        return self.voter(email)

    def waiting(self, handle: str) -> Shown:
        """What that browser is shown when it looks at MP-4."""
        return self.house.reception.show(self.house.password.message_asked, visit(case=handle))

    def at(self, step: Step, answer: str, held: Visit, **typed: str) -> Turn:
        """What a face does with a button."""
        return self.house.reception.answer(step, answer, typed, held)

    def number(self, handle: str) -> str:
        """The case number of a browser."""
        found = self.askings.find(handle)
        assert found is not None
        return found.number

    def journal(self, number: str) -> list[Event]:
        """The lines of a case."""
        with self.store.read() as transaction:
            return transaction.journal.of_case(number)

    def acts(self, number: str) -> list[str]:
        """What happened in a case, oldest first."""
        return [event.act.value for event in self.journal(number)]


def world(kept: Kept, **changes: object) -> World:
    """An election over that store."""
    return World(kept, tools(kept.store, **changes))
