"""MP at work: what its steps show a visitor, and what their answers do."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from core import errors
from core.answers import Address, masked
from core.flows.password import (
    AddressGiven,
    Forgotten,
    MessageWanted,
    MessageWantedAgain,
    PasswordChosen,
    PasswordFlow,
    SignIn,
    SignInNow,
)
from core.journey import delay_sentence, step_for
from core.ports import HeldLink, Recovery
from core.recovery import Confirming, Identified
from core.service.asking import Askings
from core.service.password import Links
from core.service.session import Sessions
from core.service.tools import Tools
from core.service.visit import NoHandler, Turn, Visit
from core.steps import Flow, Rejected, Shown, Step

DEAD = (errors.LinkUsed, errors.LinkExpired, errors.LinkReplaced, errors.AccountFrozen)


@dataclass(frozen=True, slots=True)
class PasswordLine:
    """MP at work. The first step is where a visitor without a case is sent."""

    steps: PasswordFlow
    home: Step
    """Where one lands after signing in."""
    tools: Tools
    askings: Askings
    links: Links
    sessions: Sessions

    @property
    def flow(self) -> Flow:
        """The definition."""
        return self.steps.flow

    def show(self, step: Step, visit: Visit) -> Shown:
        """That step, or the one that is open to this visitor instead. Raises the refusals of a link."""
        if step is self.steps.identify:
            return Shown(step=step)
        if step is self.steps.choose_password:
            return self._choose_password(self.links.working(visit.link), visit)
        if step is self.steps.done:
            return self._done(visit)
        return self._asked(step, visit)

    def _choose_password(self, held: HeldLink, visit: Visit) -> Shown:
        # The whole address is for the browser's password manager; the page shows the masked one.
        facts = {"masked_address": masked(held.voter.email), "username": held.voter.email}
        shown = Shown(step=self.steps.choose_password, facts=facts, case=held.case.number)
        return self._warn_of_another(shown, held, visit)

    def _warn_of_another(self, shown: Shown, held: HeldLink, visit: Visit) -> Shown:
        """CASE 18: a link of one voter, opened where another is signed in."""
        try:
            signed = self.sessions.signed(visit.session)
        except errors.SignInNeeded:
            return shown
        if signed.voter.id == held.voter.id:
            return shown
        notice = self.steps.signed_in_as_another.fill({"other_address": masked(signed.voter.email)})
        return replace(shown, notices=(notice,))

    def _done(self, visit: Visit) -> Shown:
        held = self.links.held(visit.link)
        if held.record.used is None:
            return self._choose_password(self.links.working(visit.link), visit)
        return Shown(step=self.steps.done, facts={"masked_address": masked(held.voter.email)}, case=held.case.number)

    def _asked(self, step: Step, visit: Visit) -> Shown:
        case = self.askings.find(visit.case)
        if case is None or case.flow != self.flow.slug:
            return Shown(step=self.steps.identify)
        open_steps = self._open_steps(case)
        shown = next((shown for shown in open_steps if shown.step is step), open_steps[0])
        if shown.step is self.steps.message_asked:
            return replace(shown, facts={**shown.facts, "queue_delay": self._delay()}, stands=case)
        return replace(shown, stands=case)

    def standing(self, case: Recovery) -> Shown:
        """What whoever began that case is shown now, for whoever guides them."""
        return self._open_steps(case)[0]

    def _open_steps(self, case: Recovery) -> tuple[Shown, ...]:
        now = self.tools.clock.now()
        return step_for(case.state, case.number, self.steps, self.tools.calendar, now=now)  # type: ignore[arg-type]  # the flow's slug says whose states these are

    def _delay(self) -> object:
        with self.tools.store.look() as transaction:
            delay = transaction.outbox.delay(self.tools.clock.now())
        return delay_sentence(delay, normal=timedelta(minutes=self.tools.policy.normal_mail_delay_minutes))

    def answer(self, answer: object, visit: Visit) -> Turn:
        """Does what was answered. Raises Problems, Refusal."""
        match answer:
            case AddressGiven():
                return Turn(self.steps.choose_way, visit.with_(case=self.askings.begin(answer.email)))
            case SignIn():
                return self._sign_in(answer, visit)
            case Forgotten() | MessageWanted() | MessageWantedAgain():
                return self._ask(answer, visit)
            case PasswordChosen():
                return self._choose(answer, visit)
            case SignInNow():
                return self._sign_in_now(visit)
            case _:
                raise NoHandler(type(answer).__name__)

    def _ask(self, answer: Forgotten | MessageWanted | MessageWantedAgain, visit: Visit) -> Turn:
        seen = visit.seen if isinstance(visit.seen, Recovery) else None
        match answer:
            case Forgotten():
                self.askings.forget(visit.case, seen)
                return Turn(self.steps.confirm, visit)
            case MessageWanted():
                self.askings.ask(visit.case, seen)
            case MessageWantedAgain():
                self.askings.ask_again(visit.case, seen)
        return Turn(self.steps.message_asked, visit)

    def _sign_in(self, answer: SignIn, visit: Visit) -> Turn:
        case = self.askings.find(visit.case)
        if case is None or not isinstance(case.state, Identified | Confirming):
            return Turn(self.steps.identify, visit)
        signed = self.sessions.sign_in(case.state.address, answer.password, visit, case=case.number)
        return Turn(self.home, signed.with_(case=None))

    def _choose(self, answer: PasswordChosen, visit: Visit) -> Turn:
        voter = self.links.choose_password(visit.link, answer.new_password)
        left = self.sessions.sign_out(visit)
        return Turn(self.steps.done, left.with_(device=self.sessions.recognise(voter, self.tools.clock.now())))

    def _sign_in_now(self, visit: Visit) -> Turn:
        held = self.links.held(visit.link)
        if held.record.used is None:
            return Turn(self.steps.identify, visit)
        case = self.askings.begin(Address(typed=held.voter.email, key=held.voter.email))
        return Turn(self.steps.choose_way, visit.with_(case=case, link=None))

    def rejected(self, step: Step, problems: Mapping[str, Rejected], visit: Visit) -> None:
        """Notes which rule a new password broke, for the case's timeline."""
        if step is self.steps.choose_password:
            held = self.links.working(visit.link)
            for rejected in problems.values():
                self.links.note_refusal(held, rejected.id)

    def refused(self, step: Step, refusal: errors.Refusal, visit: Visit) -> None:
        """Notes a password that came on a dead link with its case; a frozen account was noted when signing in."""
        if step is self.steps.choose_password and isinstance(refusal, DEAD):
            self.links.note_refusal(self.links.held(visit.link), refusal.id)
        elif not isinstance(refusal, errors.AccountFrozen):
            self.tools.note_refused(refusal)
