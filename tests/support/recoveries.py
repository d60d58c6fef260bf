"""A Hypothesis state machine of the flow for a forgotten password."""

from datetime import timedelta

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from core.flows.account.plugins import StopChangeFlowPlugin
from core.flows.flow_handler import Visit
from core.forms import errors
from core.forms.errors import Refusal
from core.forms.flow_model import FormErrors
from core.policy.calendar import CalendarOperation
from core.text.text import Language
from tests.support.election import CALENDAR, GOOD, visit
from tests.support.machine import ADDRESSES, ANY, GIRAFE, PERSONAL, SHORT, Machine, some
from tests.support.model import Given, capped

DAYS = timedelta(days=30)
SENTENCES = {"queue_delay", "asked", "link_until"}


class RecoveryCases(Machine):
    """Adds links, passwords, sign-ins, freezes and changes of the roll to the state machine, and checks invariants."""

    # ── Those who hold a link ────────────────────────────────────────────────────────────────────────────

    @some("links")
    @rule(which=ANY)
    def open_link(self, which: int) -> None:
        """A mail scanner or a voter opens a link. The journal records this once, and nothing else changes.

        The journal records the opening of a dead link once in a while.
        """
        link = self.model.links[which % len(self.model.links)]
        before, events = self.world.links.find_link(link.token), self.world.kept.events()
        try:
            self.world.links.record_first_opening(link.token)
        except Refusal:
            assert not link.alive(self.now)
            dead = True
        else:
            assert link.alive(self.now)
            dead = False
        after = self.world.links.find_link(link.token)
        assert (after.case, after.voter) == (before.case, before.voter)
        written = self.world.kept.events() - events
        assert written in {0, 1} if dead else written == (after.record.opened != before.record.opened)

    @some("links")
    @rule(which=ANY, password=st.sampled_from([GOOD, GOOD, GIRAFE, GIRAFE, PERSONAL, SHORT]))
    def choose(self, which: int, password: str) -> None:
        """A voter chooses a password, which is accepted if and only if the link works and the password is valid.

        Accepting a password signs nobody in.
        """
        link, good = self.model.links[which % len(self.model.links)], password not in {PERSONAL, SHORT}
        alive, events = link.alive(self.now), self.world.kept.events()
        form = {"new_password": password, "new_password_again": password}
        try:
            turn = self.world.at(self.steps.choose_password, "save", visit(link=link.token), **form)
        except FormErrors:
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
        assert self.world.kept.events() - events == 1

    # ── Those who sign in ────────────────────────────────────────────────────────────────────────────────

    @rule(address=st.sampled_from(ADDRESSES), guess=st.sampled_from([None, None, GOOD]))
    def sign_in(self, address: str, guess: str | None) -> None:
        """A sign-in succeeds if and only if the address and the password match and the account is not frozen."""
        person = self.model.at(address)
        password = guess or (person and person.password) or GIRAFE
        self.networks += 1
        pending = self.world.confirming(address)
        held = Visit(network=str(self.networks), language=Language.FRENCH, pending=pending)
        events = self.world.kept.events()
        right = person is not None and person.password == password and not person.frozen
        try:
            turn = self.world.at(self.steps.choose_way, "sign-in", held, password=password)
        except (FormErrors, Refusal):
            assert not right or not CALENDAR.allows(CalendarOperation.SIGN_IN, self.now)
        else:
            assert right
            assert person is not None
            until = capped(self.now, minutes=60)
            self.model.sessions.append(Given(turn.visit.session or "", person, person.life, until))
        assert self.world.kept.events() - events == 1

    @some("links")
    @rule(which=ANY)
    def choose_and_sign_in(self, which: int) -> None:
        """A voter chooses a password and signs in with it, in one rule."""
        self.choose(which, GOOD)
        self.sign_in(self.model.links[which % len(self.model.links)].person.line.email, None)

    @some("sessions")
    @rule(which=ANY)
    def sign_out(self, which: int) -> None:
        """A voter signs out. Signing out a second time changes nothing."""
        session, events = self.model.sessions[which % len(self.model.sessions)], self.world.kept.events()
        alive = session.alive(self.now)
        self.world.sessions.sign_out(visit(session=session.token))
        session.ended = True
        assert self.world.kept.events() - events == alive

    # ── What ends everything ─────────────────────────────────────────────────────────────────────────────

    @some("stops")
    @rule(which=ANY)
    def freeze(self, which: int) -> None:
        """A voter freezes an account with the link in a notice, and the helpdesk unfreezes it.

        The link of each notice works once, for a few days.
        """
        token, person, changed = self.model.stops[which % len(self.model.stops)]
        events = self.world.kept.events()
        dead = self.now >= changed + DAYS or (person.reopened is not None and changed <= person.reopened)
        try:
            self.world.at(self.world.services.flows[StopChangeFlowPlugin].steps.confirm, "freeze", visit(stop=token))
        except (errors.StopLinkExpired, errors.StopLinkAccountReopened):
            assert dead
            assert self.world.kept.events() - events == 1
            return
        assert not dead
        # The first use of an identifier's notice is also recorded as such, even if the account was frozen before.
        assert 0 <= self.world.kept.events() - events - (not person.frozen) <= 1
        person.life += not person.frozen
        person.frozen = True

    @rule(which=ANY, gone=st.sampled_from([False] * 7 + [True]), address=st.sampled_from(ADDRESSES[:3]))
    def change_the_roll(self, which: int, address: str, *, gone: bool) -> None:
        """A voter is removed from the roll, or gets another address, perhaps one that another voter had before."""
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
        """MP-4 shows the same values whatever the result of the request."""
        for browser in self.model.browsers:
            if browser.asked is None:
                continue
            shown = self.world.waiting(browser.held.case or "")
            facts = {name: fact for name, fact in shown.facts.items() if name not in SENTENCES}
            assert (shown.step, shown.case, shown.notices) == (self.steps.message_asked, browser.number, ())
            assert facts == browser.facts(self.now)

    @invariant()
    def what_is_alive_is_what_the_model_says(self) -> None:
        """The links and sessions that work are those of the model."""
        for person in self.model.people:
            with self.world.store.read() as transaction:
                voter = transaction.voters.by_id(person.id)
                assert voter is not None
                alive = transaction.links.count_valid_links(person.id, epoch=voter.epoch, now=self.now)
            assert alive == self.model.alive(person, self.now)
            assert bool(voter.password) == bool(person.password)
        for session in self.model.sessions:
            try:
                assert self.world.sessions.signed_in_voter(session.token).voter.id == session.person.id
                assert session.alive(self.now)
            except errors.SignInNeeded:
                assert not session.alive(self.now)
