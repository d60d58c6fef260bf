"""A Hypothesis state machine. Voters request links, the courier sends them, and a model predicts the results."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from core.adapters.logs import collected_lines
from core.adapters.sql.row_examination import ProtectedRowExaminer
from core.flows.account.stop_change_links import StopChangeLinkPayload
from core.flows.password.plugin import PasswordFlowPlugin
from core.flows.password.states import MessageAsked
from core.forms import errors
from core.policy.calendar import CalendarOperation
from core.policy.policy import Policy
from core.ports import Actor, EventType, SendAccepted, SendPostponed, SendRefused, Store, Transaction
from core.security import key_purposes
from core.security.tokens import unseal
from tests.support.election import CALENDAR, visit
from tests.support.model import PAUSE, Given, Model, ModelBrowser, ModelVoter, capped
from tests.support.post import ACCEPTS, POSTPONES, REFUSES, UNREACHABLE, ParsedMail
from tests.support.reissues import line
from tests.support.stores import ROWS, sqlite
from tests.support.worlds import World, world

POLICY = Policy(asks_per_address=6, asks_per_network=4, sign_in_tries_from_strangers=1000)
ADDRESSES = tuple(f"{name}@ac-lumiere.example" for name in ("anna", "bruno", "elsewhere", "ghost"))
GIRAFE, PERSONAL, SHORT = "Girafe tambour 31", "Durand et fils 1", "short"
ANY = st.integers(0, 10**6)
"""A random index. It is used modulo the number of choices."""


def some(kind: str) -> Callable[[Any], Any]:
    """Return a Hypothesis precondition: the model must have at least one object of the given kind."""
    return precondition(lambda self: getattr(self.model, kind))


class InterleavingStore:
    """A store that runs the next function of `meanwhile` just before each write transaction."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.meanwhile: list[Callable[[], object]] = []

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        with self._store.read() as transaction:
            yield transaction

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """Run the next function of `meanwhile`, and then begin a write transaction."""
        if self.meanwhile:
            self.meanwhile.pop(0)()
        with self._store.write() as transaction:
            yield transaction


class Machine(RuleBasedStateMachine):
    """An election with visitors, a courier and a clock, and a model of it."""

    policy = POLICY

    def __init__(self) -> None:
        super().__init__()
        self.open = ExitStack()
        folder = Path(self.open.enter_context(TemporaryDirectory()))
        self.open.enter_context(collected_lines())
        kept = self.open.enter_context(sqlite(folder))
        self.busy = InterleavingStore(kept.store)
        self.world: World = world(kept, policy=self.policy, store=self.busy)
        self.steps, self.model = self.world.services.flows[PasswordFlowPlugin].steps, Model()
        self.heard = self.networks = 0

    @property
    def now(self) -> datetime:
        return self.world.clock.at

    @initialize()
    def roll(self) -> None:
        """Put two of the addresses on the electoral roll."""
        name = {"first_name": "Dominique", "last_name": "Durand"}
        lines = [line(self.world, address, **name) for address in ADDRESSES[:2]]
        self.model.people = [ModelVoter(v.id, each) for v, each in zip(self.world.add(*lines), lines, strict=True)]

    def teardown(self) -> None:
        """Check that every request was decided once, and that every message ended once."""
        with self.open:
            self.settle()

    # ── Those who ask ────────────────────────────────────────────────────────────────────────────────────

    @rule(address=st.sampled_from(ADDRESSES))
    def begin(self, address: str) -> None:
        cases = self.world.kept.cases()
        held = self.world.at(self.steps.identify, "continue", visit(), email=address).visit
        assert self.world.kept.cases() == cases
        self.model.browsers.append(ModelBrowser(held, address, self.now))

    @some("browsers")
    @rule(which=ANY)
    def ask(self, which: int) -> None:
        """A visitor requests the mail with the link. A second press of the button changes nothing."""
        browser = self.model.browsers[which % len(self.model.browsers)]
        first = browser.asked is None and not browser.forgotten(self.now)
        events = self.world.kept.events()
        browser.typed = self.now if first else browser.typed
        browser.held = self.world.at(self.steps.choose_way, "forgotten", browser.held).visit
        try:
            browser.held = self.world.at(self.steps.confirm, "send", browser.held).visit
        except errors.VoteClosed:
            assert first
            assert not CALENDAR.allows(CalendarOperation.ASK_PASSWORD, self.now)
        else:
            if first:
                self.note_request(browser)
            browser.number = browser.held.case and self.world.number(browser.held.case)
            assert (browser.number is None) == (browser.asked is None)
        assert self.world.kept.events() - events == first

    @some("browsers")
    @rule(which=ANY)
    def ask_again(self, which: int) -> None:
        """A visitor presses "send again". If it is too early, nothing changes."""
        browser = self.model.browsers[which % len(self.model.browsers)]
        if browser.asked is None:
            return
        assert browser.again_from is not None
        again, events = self.now >= browser.again_from, self.world.kept.events()
        try:
            self.world.at(self.steps.message_asked, "again", browser.held)
            if again:
                self.note_request(browser)
        except errors.VoteClosed:
            again = not CALENDAR.allows(CalendarOperation.ASK_PASSWORD, self.now)
        assert self.world.kept.events() - events == again

    def note_request(self, browser: ModelBrowser) -> None:
        """Record a request. Only the product knows until when a request above the limits must wait."""
        state = self.world.state(browser.held.case or "")
        assert isinstance(state, MessageAsked)
        browser.asked = self.now
        browser.again_from = state.asking.again_from if state.asking.refused else self.now + PAUSE

    # ── The courier and the relay ────────────────────────────────────────────────────────────────────────

    @rule(says=st.sampled_from([ACCEPTS, ACCEPTS, POSTPONES, UNREACHABLE, REFUSES]))
    def courier(self, says: SendAccepted | SendRefused | SendPostponed) -> None:
        """The courier sends the waiting messages.

        A mail that it wrote counts as received even if no relay has accepted it.
        """
        self.world.post.says = says
        self.world.courier().run_once()
        self.hear_new_mails()

    def hear_new_mails(self) -> None:
        """Read each mail that a courier has newly tried to send."""
        new, self.heard = self.world.post.tried[self.heard :], len(self.world.post.tried)
        for mail in new:
            self.hear(mail)

    def hear(self, mail: ParsedMail) -> None:
        """Read a mail, and add its links to the model. A copy of a mail that has been read changes nothing."""
        if mail.link and mail.link not in [link.token for link in self.model.links]:
            person, number = self.model.at(mail.envelope.recipient), self.world.links.find_link(mail.link).case.number
            (asker,) = [browser for browser in self.model.browsers if browser.number == number]
            assert person is not None
            assert asker.asked is not None
            self.model.links.append(Given(mail.link, person, person.life, capped(asker.asked, hours=4)))
        if mail.stop:
            notice = unseal(self.world.dependencies.vault, key_purposes.STOP_LINK, mail.stop, StopChangeLinkPayload)
            assert notice is not None
            person = self.model.people[[p.id for p in self.model.people].index(notice.voter)]
            self.model.stops.append((mail.stop, person, notice.changed))

    @rule(address=st.sampled_from(ADDRESSES[:2]))
    def ask_and_be_answered(self, address: str) -> None:
        """A voter types an address, requests the mail and receives it, all in one rule."""
        self.begin(address)
        self.ask(len(self.model.browsers) - 1)
        self.courier(ACCEPTS)

    @rule(minutes=st.sampled_from([1, 3, 3, 30, 100, 239]))
    def wait(self, minutes: int) -> None:
        self.world.clock.move(minutes=minutes)

    # ── At the end ───────────────────────────────────────────────────────────────────────────────────────

    def rows_are_authentic(self) -> None:
        """Check that every protected row has a valid tag."""
        with self.world.kept.engine.connect() as connection:
            assert list(ProtectedRowExaminer(connection, ROWS).findings()) == []

    def settle(self) -> None:
        """Let every message end. Then check in the journal that no message was lost, sent twice or not recorded."""
        self.world.post.says = ACCEPTS
        while self.world.waiting_parcels():
            self.world.courier().run_once()
            self.world.clock.move(minutes=10)
        self.rows_are_authentic()
        for number in {browser.number for browser in self.model.browsers if browser.number}:
            acts = Counter((event.act, event.actor) for event in self.world.journal(number))
            by = {act: acts[act, Actor.COURIER] for act in EventType}
            told = by[EventType.MAIL_ACCEPTED] + by[EventType.MAIL_REFUSED] + by[EventType.MAIL_CANCELLED]
            begun = sum(
                acts[act, Actor.VOTER] for act in (EventType.ASKED, EventType.PASSWORD_CHOSEN, EventType.FROZEN)
            )
            begun += acts[EventType.FROZEN, Actor.AGENT] + acts[EventType.UNFROZEN, Actor.AGENT]
            decided = by[EventType.LINK_DECIDED] + by[EventType.LINK_REFUSED] + by[EventType.ASK_DROPPED]
            assert told == begun - by[EventType.ASK_DROPPED]
            assert decided <= acts[EventType.ASKED, Actor.VOTER]
