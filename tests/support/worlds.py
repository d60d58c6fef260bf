"""An election at work: the real use cases over a chosen store, with a relay that the test plays."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path

from core.adapters.letters import Letters
from core.adapters.throttle import OpenDoor
from core.answers import parse_address
from core.bootstrap import House, letters_of
from core.courier.hands import Hands
from core.courier.worker import Courier
from core.ports import Carrier, Entry, Event, ParcelState, Store, Voter
from core.service.asking import Askings
from core.service.password import Links
from core.service.session import Sessions
from core.service.stopping import Stops
from core.service.tools import Tools
from core.service.visit import Turn, Visit
from core.settings import Settings
from core.settings.sample import sample
from core.steps import Shown, Step
from tests.support.air import Air
from tests.support.election import (
    CAMILLE,
    GOOD,
    CountingHasher,
    MovableClock,
    add_voters,
    entry,
    tools,
    visit,
    voter_of,
)
from tests.support.post import Post
from tests.support.stores import Kept


@cache
def sample_settings() -> Settings:
    """Those that `retrouve init` writes."""
    return Settings(**tomllib.loads(sample())).in_folder(Path("/nowhere"))


@dataclass
class World:
    """One election at work, with a relay that the test plays."""

    kept: Kept
    tools: Tools
    post: Post = field(default_factory=Post)
    air: Air = field(default_factory=Air)

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
        return House(sample_settings(), self.tools, OpenDoor())

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
        courier = self.house.courier(Hands(carrier or self.post), Hands(self.air), self.letters)
        return replace(courier, settlement=replace(courier.settlement, jitter=jitter))

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

    def state(self, handle: str) -> object:
        """Where that browser's case stands."""
        found = self.askings.find(handle)
        assert found is not None
        return found.state

    def counts(self) -> dict[ParcelState, int]:
        """How many parcels stand in each state."""
        with self.store.read() as transaction:
            return transaction.outbox.counts()

    def waiting_parcels(self) -> int:
        """How many asks and messages the courier will find."""
        return self.counts().get(ParcelState.WAITING, 0)

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
    return World(kept, tools(**{"store": kept.store, **changes}))
