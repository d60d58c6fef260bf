"""A machine of hypothesis over an election at work, beside a model of it: who asks, and what the courier does."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from structlog.testing import capture_logs

from core import errors
from core.policy import Deed, Policy
from core.ports import Act, Actor, Durability, Postponed, Refused, Sent, Store, Transaction
from tests.support.election import CALENDAR, visit
from tests.support.model import PAUSE, Browser, Given, Model, Person, capped
from tests.support.post import ACCEPTS, POSTPONES, REFUSES, UNREACHABLE, Mail
from tests.support.reissues import line
from tests.support.stores import STORES
from tests.support.worlds import World, world

POLICY = Policy(links_alive=2, asks_per_address=6, sign_in_tries_from_strangers=1000)
ADDRESSES = tuple(f"{name}@ac-lumiere.example" for name in ("anna", "bruno", "elsewhere", "ghost"))
GIRAFE, PERSONAL, SHORT = "Girafe tambour 31", "Durand et fils 1", "short"
ANY = st.integers(0, 10**6)
"""Which of those there are."""


def some(kind: str) -> Callable[[Any], Any]:
    """For a rule that needs one of those."""
    return precondition(lambda self: getattr(self.model, kind))


class Busy:
    """The store of a house where others act meanwhile: each of `meanwhile` comes first when a transaction is about to write."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.meanwhile: list[Callable[[], object]] = []

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """To read."""
        with self._store.read() as transaction:
            yield transaction

    @contextmanager
    def look(self) -> Iterator[Transaction]:
        """To look at one thing."""
        with self._store.look() as transaction:
            yield transaction

    @contextmanager
    def write(self, durability: Durability = Durability.FULL) -> Iterator[Transaction]:
        """To write: what was read before may be true no longer."""
        if self.meanwhile:
            self.meanwhile.pop(0)()
        with self._store.write(durability) as transaction:
            yield transaction


class Machine(RuleBasedStateMachine):
    """An election and its model; people who ask, a courier, and time."""

    kind = "memory"

    def __init__(self) -> None:
        super().__init__()
        self.open = ExitStack()
        folder = Path(self.open.enter_context(TemporaryDirectory()))
        self.open.enter_context(capture_logs())
        kept = self.open.enter_context(STORES[self.kind](folder))
        self.busy = Busy(kept.store)
        self.world: World = world(kept, policy=POLICY, store=self.busy)
        self.steps, self.model = self.world.house.password, Model()
        self.heard = self.networks = 0

    @property
    def now(self) -> datetime:
        """What the clock says."""
        return self.world.clock.at

    @initialize()
    def roll(self) -> None:
        """Two of the addresses are on the roll."""
        name = {"first_name": "Dominique", "last_name": "Durand"}
        lines = [line(self.world, address, **name) for address in ADDRESSES[:2]]
        self.model.people = [Person(v.id, each) for v, each in zip(self.world.add(*lines), lines, strict=True)]

    def teardown(self) -> None:
        """At the end every ask has been decided once, and every message has ended in one way."""
        with self.open:
            self.settle()

    # ── Those who ask ────────────────────────────────────────────────────────────────────────────────────

    @rule(address=st.sampled_from(ADDRESSES))
    def begin(self, address: str) -> None:
        """Someone types an address."""
        handle = self.world.at(self.steps.identify, "continue", visit(), email=address).visit.case or ""
        self.model.browsers.append(Browser(handle, address, self.world.number(handle)))

    @some("browsers")
    @rule(which=ANY)
    def ask(self, which: int) -> None:
        """They lost their password and want the message; pressed once more, nothing happens."""
        browser = self.model.browsers[which % len(self.model.browsers)]
        held, first, events = visit(case=browser.handle), browser.asked is None, self.world.kept.events()
        self.world.at(self.steps.choose_way, "forgotten", held)
        try:
            self.world.at(self.steps.confirm, "send", held)
            browser.asked = browser.asked or self.now
        except errors.VoteClosed:
            assert first
            assert not CALENDAR.allows(Deed.ASK_PASSWORD, self.now)
        assert self.world.kept.events() - events == first

    @some("browsers")
    @rule(which=ANY)
    def ask_again(self, which: int) -> None:
        """They press "send again"; too early, nothing happens."""
        browser = self.model.browsers[which % len(self.model.browsers)]
        if browser.asked is None:
            return
        again, events = self.now >= browser.asked + PAUSE, self.world.kept.events()
        try:
            self.world.at(self.steps.message_asked, "again", visit(case=browser.handle))
            browser.asked = self.now if again else browser.asked
        except errors.VoteClosed:
            again = not CALENDAR.allows(Deed.ASK_PASSWORD, self.now)
        assert self.world.kept.events() - events == again

    # ── The courier and the relay ────────────────────────────────────────────────────────────────────────

    @rule(says=st.sampled_from([ACCEPTS, ACCEPTS, POSTPONES, UNREACHABLE, REFUSES]))
    def courier(self, says: Sent | Refused | Postponed) -> None:
        """A round; what was written, even if no relay took it, is in somebody's hands."""
        self.world.post.says = says
        self.world.courier().round()
        new, self.heard = self.world.post.tried[self.heard :], len(self.world.post.tried)
        for mail in new:
            self.hear(mail)

    def hear(self, mail: Mail) -> None:
        """A mail is read: a retry says nothing new."""
        if mail.link and mail.link not in [link.token for link in self.model.links]:
            person, number = self.model.at(mail.envelope.recipient), self.world.links.held(mail.link).case.number
            (asker,) = [browser for browser in self.model.browsers if browser.number == number]
            assert person is not None
            assert asker.asked is not None
            self.model.links.append(Given(mail.link, person, person.life, capped(asker.asked, hours=4)))
        if mail.stop:
            voter = self.world.stops.noticed(mail.stop)[1].id
            self.model.stops.append((mail.stop, self.model.people[[p.id for p in self.model.people].index(voter)]))

    @rule(address=st.sampled_from(ADDRESSES[:2]))
    def ask_and_be_answered(self, address: str) -> None:
        """The way most people go, in one stride."""
        self.begin(address)
        self.ask(len(self.model.browsers) - 1)
        self.courier(ACCEPTS)

    @rule(minutes=st.sampled_from([1, 3, 3, 30, 100, 239]))
    def wait(self, minutes: int) -> None:
        """Time passes."""
        self.world.clock.move(minutes=minutes)

    # ── At the end ───────────────────────────────────────────────────────────────────────────────────────

    def settle(self) -> None:
        """Every message ends, and the journal's sums are right: nothing was lost, decided twice or sent untold."""
        self.world.post.says = ACCEPTS
        while self.world.waiting_parcels():
            self.world.courier().round()
            self.world.clock.move(minutes=10)
        for number in {browser.number for browser in self.model.browsers}:
            acts = Counter((event.act, event.actor) for event in self.world.journal(number))
            by = {act: acts[act, Actor.COURIER] for act in Act}
            told = by[Act.MAIL_ACCEPTED] + by[Act.MAIL_REFUSED] + by[Act.MAIL_CANCELLED]
            begun = sum(acts[act, Actor.VOTER] for act in (Act.ASKED, Act.PASSWORD_CHOSEN, Act.FROZEN))
            begun += acts[Act.FROZEN, Actor.AGENT] + acts[Act.UNFROZEN, Actor.AGENT]
            decided = by[Act.LINK_DECIDED] + by[Act.LINK_REFUSED] + by[Act.ASK_DROPPED]
            assert told == begun - by[Act.ASK_DROPPED]
            assert decided <= acts[Act.ASKED, Actor.VOTER]
