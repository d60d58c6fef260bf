"""ID at work: what its steps show a signed-in voter, and what their answers do."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from core.errors import Refusal
from core.flows.identifier import (
    AnotherTry,
    BackToSpace,
    CodeTyped,
    CodeWantedAgain,
    IdentifierFlow,
    IdentityGiven,
    NewIdentifierWanted,
    NothingWanted,
    OtherNumberWanted,
)
from core.ports import Recovery, Voter
from core.reissue import State, UnderWay
from core.reissue_journey import ReissueJourney
from core.service.identifier.answering import CodeAnswers
from core.service.identifier.asking import ReissueAskings
from core.service.identifier.office import Office
from core.service.session import Sessions
from core.service.visit import NoHandler, Turn, Visit
from core.steps import Flow, Rejected, Shown, Step
from core.text import N_, TimeOfDay

PAUSED = N_("Après trop de codes faux, une nouvelle demande sera possible à {again_at} (heure de Paris).")
Acting = NewIdentifierWanted | IdentityGiven | CodeTyped | CodeWantedAgain | OtherNumberWanted


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifierLine:
    """ID at work. A voter has one case at a time, which every browser they are signed in with shows."""

    steps: IdentifierFlow
    space: Step
    """The voter space."""
    journey: ReissueJourney
    office: Office
    askings: ReissueAskings
    answers: CodeAnswers
    sessions: Sessions

    @property
    def flow(self) -> Flow:
        """The definition."""
        return self.steps.flow

    def show(self, step: Step, visit: Visit) -> Shown:
        """That step, or the one that is open to this voter instead. Raises SignInNeeded."""
        voter = self.sessions.signed(visit.session).voter
        return replace(self._shown(step, voter), stands=voter)

    def _shown(self, step: Step, voter: Voter) -> Shown:
        now = self.office.tools.clock.now()
        with self.office.tools.store.look() as transaction:
            standing = self.office.standing(transaction, voter.id, self.office.codes, now)
        case, account, pause = standing.case, self.office.account(standing), standing.tried.paused_until
        asks_anew = step is self.steps.begin and not (case and isinstance(case.state, UnderWay))
        if case is None or not isinstance(case.state, State) or asks_anew:
            shown = self.journey.begin(account)
        else:
            shown = self.journey.step_for(case.state, case.number, account, now=now)
        if pause is None or shown.step is not self.steps.begin:
            return shown
        paused = TimeOfDay(self.office.until(pause))
        return replace(shown, notices=(PAUSED.fill({"again_at": paused}),))

    def standing(self, case: Recovery) -> Shown:
        """What whoever began that case is shown now, for whoever guides them."""
        now, state = self.office.tools.clock.now(), case.state
        assert isinstance(state, State)  # noqa: S101  # the store knows the states of each flow
        with self.office.tools.store.look() as transaction:
            account = self.office.account(self.office.standing(transaction, state.voter, self.office.codes, now))
        return self.journey.step_for(state, case.number, account, now=now)

    def answer(self, answer: object, visit: Visit) -> Turn:
        """Does what was answered. Raises Problems, Refusal."""
        match answer:
            case AnotherTry():
                return Turn(self.steps.begin, visit)
            case BackToSpace() | NothingWanted():
                return Turn(self.space, visit)
            case NewIdentifierWanted() | IdentityGiven() | CodeTyped() | CodeWantedAgain() | OtherNumberWanted():
                seen = visit.seen
                voter = seen if isinstance(seen, Voter) else self.sessions.signed(visit.session).voter
                self._act(answer, voter)
                return Turn(self._shown(self.steps.identity, voter).step, visit)
            case _:
                raise NoHandler(type(answer).__name__)

    def _act(self, answer: Acting, voter: Voter) -> None:
        match answer:
            case NewIdentifierWanted():
                self.askings.begin(voter)
            case IdentityGiven():
                self.askings.prove(voter, answer)
            case CodeTyped():
                self.answers.type(voter, answer.code)
            case CodeWantedAgain():
                self.askings.send_again(voter)
            case OtherNumberWanted():
                self.askings.change_number(voter)

    def rejected(self, step: Step, problems: Mapping[str, Rejected], visit: Visit) -> None:
        """What cannot be read is no try."""

    def refused(self, step: Step, refusal: Refusal, visit: Visit) -> None:  # noqa: ARG002  # what is known was noted with the decision
        """Notes it, unless the decision did."""
        self.office.tools.note_refused(refusal)
