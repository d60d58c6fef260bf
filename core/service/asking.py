"""From the address to the asked message (MP-1 to MP-4). Nothing here looks a voter up (rule 2): an ask is only stored."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from core import purposes
from core.answers import Address
from core.policy import Deed
from core.ports import Act, Actor, Durability, Event, Exhausted, ParcelKind, Recovery, Transaction
from core.recovery import Asking, Completed, Confirming, CoolingDown, Identified, LinkSent, Requested, State, Unanswered
from core.service.tools import Tools, until_unmoved
from core.tokens import digest, new_case_number, new_handle


@dataclass(frozen=True, slots=True)
class Askings:
    """The asking half of a password recovery."""

    tools: Tools
    flow: str

    def begin(self, address: Address) -> str:
        """Opens a case for an address and returns the browser's id of it."""
        handle = new_handle(self.tools.entropy)
        state = Identified(typed=address.typed, address=address.key)
        with self.tools.store.write(Durability.RELAXED) as transaction:
            self.keep(transaction, handle, state)
        return handle

    def keep(self, transaction: Transaction, handle: str, state: State) -> Recovery:
        """A new case of that browser, kept under a number of its own."""
        case = self._case(handle, state)
        while not transaction.recoveries.add(case):
            case = self._case(handle, state)  # that number was taken: draw another
        return case

    def _case(self, handle: str, state: State) -> Recovery:
        return Recovery(
            handle=digest(handle),
            number=new_case_number(self.tools.entropy),
            flow=self.flow,
            state=state,
            began=self.tools.clock.now(),
        )

    def find(self, handle: str | None) -> Recovery | None:
        """The case a browser holds, if it does."""
        if handle is None:
            return None
        with self.tools.store.look() as transaction:
            return transaction.recoveries.by_handle(digest(handle))

    def _cases(self, handle: str | None, seen: Recovery | None) -> Iterator[Recovery | None]:
        """The case as it was just seen, then as it stands each time that somebody has moved it."""
        if seen is not None:
            yield seen
        while True:
            yield self.find(handle)

    def forget(self, handle: str | None, seen: Recovery | None = None) -> None:
        """They chose "Mot de passe oublié"; `seen` is the case as it was just read for them, here and below."""
        cases = self._cases(handle, seen)
        until_unmoved(lambda: self._forget(next(cases)))

    def _forget(self, case: Recovery | None) -> None:
        if case is None or not isinstance(case.state, Identified):
            return
        with self.tools.store.write(Durability.RELAXED) as transaction:
            transaction.recoveries.move(case, case.state.forget_password())

    def ask(self, handle: str | None, seen: Recovery | None = None) -> None:
        """They want the message. Raises NotYetOpen, VoteClosed."""
        now = self.tools.clock.now()
        self.tools.require(Deed.ASK_PASSWORD, now)
        cases = self._cases(handle, seen)
        until_unmoved(lambda: self._ask(next(cases), now, again=False))

    def ask_again(self, handle: str | None, seen: Recovery | None = None) -> None:
        """They want it once more; too early, nothing happens and the page says from when. Raises as `ask`."""
        now = self.tools.clock.now()
        self.tools.require(Deed.ASK_PASSWORD, now)
        cases = self._cases(handle, seen)
        until_unmoved(lambda: self._ask(next(cases), now, again=True))

    def _ask(self, case: Recovery | None, now: datetime, *, again: bool) -> None:
        state = None if case is None else asked(case.state, self.asking(now), again=again)
        if case is None or state is None:
            return
        try:
            with self.tools.store.write(Durability.RELAXED) as transaction:
                self._count(transaction, state.address, now)
                transaction.recoveries.move(case, state)
                self.queue(transaction, state.asking, _event(now, Act.ASKED, case.number))
        except Exhausted:
            with self.tools.store.write(Durability.RELAXED) as transaction:
                transaction.recoveries.move(case, state.leave_unanswered())
                transaction.journal.write(_event(now, Act.ASK_DROPPED, case.number, "too-many-asks"))

    def asking(self, now: datetime) -> Asking:
        """An ask made now."""
        policy, closes = self.tools.policy, self.tools.calendar.vote_closes
        valid = min(timedelta(minutes=policy.link_valid_minutes), closes - now)
        return Asking.begin(now, valid=valid, pause=timedelta(minutes=policy.resend_after_minutes))

    def _count(self, transaction: Transaction, address: str, now: datetime) -> None:
        """Alike for every address, known or not, under its normalised form (CASE 3). Raises Exhausted, here or later."""
        bucket = self.tools.vault.digest(purposes.THROTTLE, b"ask|" + address.encode())
        window = timedelta(minutes=self.tools.policy.asks_window_minutes)
        transaction.throttle.spend(bucket, limit=self.tools.policy.asks_per_address, window=window, now=now)

    def queue(self, transaction: Transaction, asking: Asking, event: Event) -> None:
        """Puts the ask of that event's case before the courier, and the event into the journal."""
        assert event.case is not None  # noqa: S101  # an ask is a case's
        margin = timedelta(minutes=self.tools.policy.link_mail_margin_minutes)
        useful_until = max(asking.until - margin, asking.at)
        transaction.outbox.post(kind=ParcelKind.ASK, case=event.case, at=asking.at, useful_until=useful_until)
        transaction.journal.write(event)


def asked(state: object, asking: Asking, *, again: bool) -> Requested | LinkSent | None:
    """The state after the ask, or None where there is nothing to ask for (a button pressed twice, or too early)."""
    match state:
        case Confirming() if not again:
            return state.ask(asking)
        case Requested() | LinkSent() | Unanswered() | Completed() if again:
            try:
                return state.ask_again(asking)
            except CoolingDown:
                return None
        case _:
            return None


def _event(at: datetime, act: Act, case: str, reason: str | None = None) -> Event:
    return Event(at=at, actor=Actor.VOTER, act=act, case=case, reason=reason)
