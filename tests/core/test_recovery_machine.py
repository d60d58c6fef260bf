"""The real services in any order: whoever asks, opens, chooses, stops, moves or leaves, the rules hold."""

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from structlog.testing import capture_logs

from core import errors
from core.errors import Refusal
from core.policy import Deed, Policy
from core.ports import Act, Actor, Postponed, Refused, Sent
from core.recovery import Requested
from core.service.visit import Visit
from core.steps import Problems
from core.text import Language
from tests.support.election import CALENDAR, GOOD, entry, visit
from tests.support.model import PAUSE, Browser, Given, Model, Person, capped
from tests.support.post import ACCEPTS, POSTPONES, REFUSES, UNREACHABLE, Mail
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


class Recoveries(RuleBasedStateMachine):
    """Every way to act, on one store."""

    kind = "memory"

    def __init__(self) -> None:
        super().__init__()
        self.open = ExitStack()
        folder = Path(self.open.enter_context(TemporaryDirectory()))
        self.open.enter_context(capture_logs())
        self.world: World = world(self.open.enter_context(STORES[self.kind](folder)), policy=POLICY)
        self.steps, self.model = self.world.house.password, Model()
        self.heard = self.networks = 0

    @property
    def now(self) -> datetime:
        """What the clock says."""
        return self.world.clock.at

    @initialize()
    def roll(self) -> None:
        """Two of the addresses are on the roll."""
        lines = [entry(address, first_name="Dominique", last_name="Durand") for address in ADDRESSES[:2]]
        self.model.people = [Person(v.id, line) for v, line in zip(self.world.add(*lines), lines, strict=True)]

    def teardown(self) -> None:
        """At the end every ask has been decided once, and every message has ended in one way."""
        self.settle()
        self.open.close()

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
        case = self.world.askings.find(browser.handle)
        if browser.asked is None or (case is not None and isinstance(case.state, Requested)):
            return  # defect: an ask that waits, or was cancelled, cannot be repeated (test_no_oracle.py)
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

    @rule(minutes=st.sampled_from([1, 3, 3, 30, 100, 239]))
    def wait(self, minutes: int) -> None:
        """Time passes."""
        self.world.clock.move(minutes=minutes)

    # ── Those who hold a link ────────────────────────────────────────────────────────────────────────────

    @some("links")
    @rule(which=ANY)
    def open_link(self, which: int) -> None:
        """A scanner or a voter looks: at most one observation, and nothing moves."""
        link = self.model.links[which % len(self.model.links)]
        before, events = self.world.links.held(link.token), self.world.kept.events()
        try:
            self.world.links.open(link.token)
        except Refusal:
            assert not link.alive(self.now)
        else:
            assert link.alive(self.now)
        after = self.world.links.held(link.token)
        assert (after.case, after.voter) == (before.case, before.voter)
        assert self.world.kept.events() - events == (after.record.opened != before.record.opened)

    @some("links")
    @rule(which=ANY, password=st.sampled_from([GOOD, GIRAFE, PERSONAL, SHORT]))
    def choose(self, which: int, password: str) -> None:
        """A success if and only if the link is alive and the password good; nobody is signed in by it."""
        link, good = self.model.links[which % len(self.model.links)], password not in {PERSONAL, SHORT}
        alive, events = link.alive(self.now), self.world.kept.events()
        form = {"new_password": password, "new_password_again": password}
        try:
            turn = self.world.at(self.steps.choose_password, "save", visit(link=link.token), **form)
        except Problems:
            assert alive
            assert not good
        except Refusal:
            assert not alive
        else:
            assert alive
            assert good
            assert turn.visit.session is None
            link.ended, link.person.password = True, password
            link.person.life += 1
        assert self.world.kept.events() - events == alive

    # ── Those who sign in ────────────────────────────────────────────────────────────────────────────────

    @rule(address=st.sampled_from(ADDRESSES), password=st.sampled_from([GOOD, GIRAFE]))
    def sign_in(self, address: str, password: str) -> None:
        """In if and only if the address is on the roll, the password theirs, and the account not frozen."""
        held = visit(case=self.world.confirming(address))
        self.networks += 1
        held, person = (
            Visit(network=str(self.networks), language=Language.FRENCH, case=held.case),
            self.model.at(address),
        )
        events = self.world.kept.events()
        right = person is not None and person.password == password and not person.frozen
        try:
            turn = self.world.at(self.steps.choose_way, "sign-in", held, password=password)
        except (Problems, Refusal):
            assert not right or not CALENDAR.allows(Deed.SIGN_IN, self.now)
        else:
            assert right
            assert person is not None
            until = capped(self.now, minutes=60)
            self.model.sessions.append(Given(turn.visit.session or "", person, person.life, until))
        assert self.world.kept.events() - events == 1

    @some("sessions")
    @rule(which=ANY)
    def sign_out(self, which: int) -> None:
        """A session that is over cannot be ended again."""
        session, events = self.model.sessions[which % len(self.model.sessions)], self.world.kept.events()
        alive = session.alive(self.now)
        self.world.sessions.sign_out(visit(session=session.token))
        session.ended = True
        assert self.world.kept.events() - events == alive

    # ── What ends everything ─────────────────────────────────────────────────────────────────────────────

    @some("stops")
    @rule(which=ANY)
    def freeze(self, which: int) -> None:
        """It was not they: once is enough."""
        token, person = self.model.stops[which % len(self.model.stops)]
        events = self.world.kept.events()
        self.world.at(self.world.house.stop.confirm, "freeze", visit(stop=token))
        assert self.world.kept.events() - events == (not person.frozen)
        person.life += not person.frozen
        person.frozen = True

    @rule(which=ANY, gone=st.booleans(), address=st.sampled_from(ADDRESSES[:3]))
    def change_the_roll(self, which: int, address: str, *, gone: bool) -> None:
        """They leave it, or get another address, perhaps one that was someone else's."""
        person = self.model.people[which % len(self.model.people)]
        if person.removed or (not gone and self.model.at(address) is not None):
            return
        with self.world.store.write() as transaction:
            if gone:
                transaction.roll.remove([person.id], self.now)
            else:
                person.line = msgspec.structs.replace(person.line, email=address)
                transaction.roll.correct([(person.id, person.line)])
        person.removed = gone
        person.life += 1

    # ── What is always true ──────────────────────────────────────────────────────────────────────────────

    @invariant()
    def an_asker_sees_what_they_did_and_nothing_else(self) -> None:
        """MP-4 with the same facts for everyone, whatever became of the ask."""
        for browser in self.model.browsers:
            if browser.asked is None:
                continue
            shown = self.world.waiting(browser.handle)
            facts = {name: fact for name, fact in shown.facts.items() if name != "queue_delay"}
            assert (shown.step, shown.case, shown.notices) == (self.steps.message_asked, browser.number, ())
            assert facts == browser.facts(self.now)

    @invariant()
    def what_is_alive_is_what_the_model_says(self) -> None:
        """Never more links of one voter than the policy says; sessions die with what they were opened for."""
        for person in self.model.people:
            with self.world.store.read() as transaction:
                voter = transaction.voters.by_id(person.id)
                assert voter is not None
                alive = transaction.links.alive(person.id, epoch=voter.epoch, now=self.now)
            assert alive == self.model.alive(person, self.now) <= POLICY.links_alive
            assert bool(voter.password) == bool(person.password)
        for session in self.model.sessions:
            try:
                assert self.world.sessions.signed(session.token).voter.id == session.person.id
                assert session.alive(self.now)
            except errors.SignInNeeded:
                assert not session.alive(self.now)

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
            decided = by[Act.LINK_DECIDED] + by[Act.LINK_REFUSED] + by[Act.ASK_DROPPED]
            assert told == begun - by[Act.ASK_DROPPED]
            assert decided <= acts[Act.ASKED, Actor.VOTER]


class OnSqlite(Recoveries):
    """The same on a file: fewer runs, the suite of persistence holds the two stores together."""

    kind = "sqlite"


TestInMemory = Recoveries.TestCase
TestInMemory.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestOnSqlite = OnSqlite.TestCase
TestOnSqlite.settings = settings(max_examples=8, stateful_step_count=30, deadline=None)
