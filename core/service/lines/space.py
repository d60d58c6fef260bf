"""EV at work: the voter space."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.answers import Address, masked
from core.errors import Refusal
from core.flows.identifier import IdentifierFlow
from core.flows.password import PasswordFlow
from core.flows.space import IdentifierLost, NewPasswordWanted, SignOut, SpaceFlow
from core.ports import Recovery, Voter
from core.reissue_journey import ReissueJourney
from core.service.asking import Askings
from core.service.identifier.office import Office
from core.service.session import Sessions
from core.service.tools import Tools
from core.service.visit import NoHandler, Turn, Visit
from core.steps import Flow, Rejected, Shown, Step
from core.text import Moment, Text, TimeOfDay


@dataclass(frozen=True, slots=True)
class SpaceLine:
    """EV at work."""

    steps: SpaceFlow
    password_steps: PasswordFlow
    identifier_steps: IdentifierFlow
    journey: ReissueJourney
    office: Office
    tools: Tools
    askings: Askings
    sessions: Sessions

    @property
    def flow(self) -> Flow:
        """The definition."""
        return self.steps.flow

    def show(self, step: Step, visit: Visit) -> Shown:
        """The voter space. Raises SignInNeeded."""
        signed, local = self.sessions.signed(visit.session), self.tools.calendar.local
        facts = {
            "first_name": signed.voter.first_name,
            "last_name": signed.voter.last_name,
            "masked_address": masked(signed.voter.email),
            "session_until": TimeOfDay(local(signed.session.expires)),
            "password_set": Moment(local(signed.password_set)),
            "reissues": self._reissues(signed.voter),
        }
        return Shown(step=step, facts=facts)

    def _reissues(self, voter: Voter) -> Text:
        with self.tools.store.look() as transaction:
            standing = self.office.standing(transaction, voter.id, self.office.codes, self.tools.clock.now())
        return self.journey.left(self.office.account(standing))

    def standing(self, case: Recovery) -> Shown:
        """Nothing here is a case of its own; the first step stands for it."""
        return Shown(step=self.flow.steps[0], case=case.number)

    def answer(self, answer: object, visit: Visit) -> Turn:
        """Does what was answered. Raises SignInNeeded."""
        match answer:
            case NewPasswordWanted():
                address = self.sessions.signed(visit.session).voter.email
                case = self.askings.begin(Address(typed=address, key=address))
                self.askings.forget(case)
                return Turn(self.password_steps.confirm, visit.with_(case=case))
            case IdentifierLost():
                return Turn(self.identifier_steps.begin, visit)
            case SignOut():
                return Turn(self.password_steps.identify, self.sessions.sign_out(visit))
            case _:
                raise NoHandler(type(answer).__name__)

    def rejected(self, step: Step, problems: Mapping[str, Rejected], visit: Visit) -> None:
        """Nothing is typed here."""

    def refused(self, step: Step, refusal: Refusal, visit: Visit) -> None:  # noqa: ARG002  # whose act it was is not known
        """Notes it."""
        self.tools.note_refused(refusal)
