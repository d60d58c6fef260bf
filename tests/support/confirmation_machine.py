"""A Hypothesis state machine of both flows, for an election in which voters must confirm requests by mail."""

from dataclasses import dataclass, replace

from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from core.flows.identifier.plugin import IdentifierFlowPlugin
from core.forms import errors
from core.forms.errors import Refusal
from core.policy.calendar import CalendarOperation
from core.ports import EventType, FoundLink
from core.security.tokens import digest
from tests.support.election import CALENDAR, visit
from tests.support.machine import ANY, POLICY
from tests.support.model import Given
from tests.support.post import ACCEPTS, ParsedMail
from tests.support.reissue_machine import OTHERS_ACTS, VOTERS_ACTS, BothFlows


@dataclass
class GivenConfirmation(Given):
    """A confirmation link, with the case of the request that it confirms."""

    case: str = ""


class ConfirmedRequests(BothFlows):
    """Plays all actions of both flows, and people who open and confirm the links in mails."""

    policy = replace(POLICY, confirm_in_mailbox=True)

    def __init__(self) -> None:
        super().__init__()
        self.confirmations: list[GivenConfirmation] = []
        self.confirmed: set[str] = set()

    def hear(self, mail: ParsedMail) -> None:
        """Somebody reads a mail, which may contain a confirmation link."""
        super().hear(mail)
        if mail.confirmation is None or mail.confirmation in [each.token for each in self.confirmations]:
            return
        with self.world.store.read() as transaction:
            held = transaction.links.find(digest(mail.confirmation))
        assert held is not None
        person = next(each for each in self.model.people if each.id == held.voter.id)
        given = GivenConfirmation(mail.confirmation, person, person.life, held.record.expires, case=held.case.number)
        self.confirmations.append(given)

    def order(self, which: int, pick: int) -> None:
        """A voter orders an identifier and usually confirms the request at once."""
        super().order(which, pick)
        self.courier(ACCEPTS)
        if self.confirmations and pick % 5:
            self.confirm(len(self.confirmations) - 1)

    def perform(self, kind: str, which: int, pick: int) -> None:
        if kind != "confirm":
            super().perform(kind, which, pick)
        elif self.confirmations:
            self._confirm(self.confirmations[which % len(self.confirmations)])

    @precondition(lambda self: self.confirmations)
    @rule(which=ANY)
    def open_confirmation(self, which: int) -> None:
        """A mail scanner or a voter opens a confirmation link. This is recorded once, and nothing else changes."""
        link = self.confirmations[which % len(self.confirmations)]
        (route,) = self.world.services.flows[IdentifierFlowPlugin].message_link_routes
        events, before = self.world.kept.events(), self._found(link)
        try:
            route.observe(link.token)
        except Refusal:
            assert not self._works(link)
            dead = True
        else:
            assert self._works(link)
            dead = False
        after = self._found(link)
        assert (after.case, after.voter) == (before.case, before.voter)
        written = self.world.kept.events() - events
        assert written in {0, 1} if dead else written == (after.record.opened != before.record.opened)

    def _found(self, link: GivenConfirmation) -> FoundLink:
        with self.world.store.read() as transaction:
            held = transaction.links.find(digest(link.token))
        assert held is not None
        return held

    def _works(self, link: GivenConfirmation) -> bool:
        """Return whether a confirmation link should work.

        It works if it is still valid and belongs to the voter's newest request, which is not yet confirmed.
        """
        with self.world.store.read() as transaction:
            latest = transaction.recoveries.latest(link.person.id, "identifiant")
        newest = latest is not None and latest.number == link.case
        return link.alive(self.now) and newest and link.case not in self.confirmed

    @precondition(lambda self: self.confirmations)
    @rule(which=ANY)
    def confirm(self, which: int) -> None:
        """A voter presses the button behind a confirmation link. This confirms the request if and only if the link works.

        A second press changes nothing. A refusal makes one journal entry.
        """
        link = self.confirmations[which % len(self.confirmations)]
        works, again, events = self._works(link), link.case in self.confirmed, self.world.kept.events()
        try:
            self._press(link)
        except (errors.VoteClosed, errors.NoReissueLeft, errors.ReissueUnderWay):
            assert works or again or not CALENDAR.allows(CalendarOperation.REISSUE_IDENTIFIER, self.now)
            again = False
        except (errors.ConfirmationExpired, errors.ConfirmationReplaced, errors.AccountFrozen):
            assert not works
            assert not again
        else:
            assert works or again
            self.confirmed.add(link.case)
        assert self.world.kept.events() - events == (not again)

    def _confirm(self, link: GivenConfirmation) -> None:
        """Press the confirmation button during another action."""
        try:
            self._press(link)
        except Refusal:
            return
        self.confirmed.add(link.case)

    def _press(self, link: GivenConfirmation) -> None:
        confirmation = self.world.services.flows[IdentifierFlowPlugin].steps.confirmation
        assert confirmation is not None
        self.world.at(confirmation.confirm, "confirm", visit(confirmation=link.token))

    @precondition(lambda self: self.confirmations)
    @rule(which=ANY, second=VOTERS_ACTS | OTHERS_ACTS | st.just(("confirm", 0, 0)), later=st.integers(0, 2))
    def confirm_meanwhile(self, which: int, second: tuple[str, int, int], later: int) -> None:
        """Another action runs between the reads and the writes of a confirmation."""
        kind, other, pick = second
        inner = which if kind == "confirm" else other
        self._within(later, lambda: self.perform(kind, inner, pick), lambda: self.perform("confirm", which, 0))

    @invariant()
    def nothing_is_reserved_or_sent_without_a_confirmation(self) -> None:
        """Each re-issue and each sent identifier belongs to one confirmed request."""
        cases = {record.case for person in self.model.people for record in self.records(person)}
        assert {sms.message_id.split(".")[1] for sms in self.identifier_sms()} <= cases
        for case in cases:
            acts = [event.act for event in self.world.journal(case)]
            assert acts.count(EventType.REISSUE_CONFIRMED) == 1
        assert cases == self.confirmed
