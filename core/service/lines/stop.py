"""ST at work: "ce n'était pas moi"."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.answers import masked
from core.errors import Refusal
from core.flows.stop import WHAT_HAPPENED, NotMe, StopFlow
from core.ports import Recovery
from core.service.stopping import Stops
from core.service.tools import Tools
from core.service.visit import NoHandler, Turn, Visit
from core.steps import Flow, Rejected, Shown, Step
from core.text import Moment


@dataclass(frozen=True, slots=True)
class StopLine:
    """ST at work."""

    steps: StopFlow
    tools: Tools
    stops: Stops

    @property
    def flow(self) -> Flow:
        """The definition."""
        return self.steps.flow

    def show(self, step: Step, visit: Visit) -> Shown:  # noqa: ARG002  # what stands decides which of the two is shown
        """To confirm, or done already. Raises StopLinkUnknown."""
        notice, voter = self.stops.noticed(visit.stop)
        changed_at = Moment(self.tools.calendar.local(notice.changed))
        what = WHAT_HAPPENED[notice.matter]
        facts = {"masked_address": masked(voter.email), "changed_at": changed_at, "what_happened": what}
        shown = self.steps.confirm if voter.frozen is None else self.steps.stopped
        return Shown(step=shown, facts=facts, case=notice.case)

    def standing(self, case: Recovery) -> Shown:
        """Nothing here is a case of its own; the first step stands for it."""
        return Shown(step=self.flow.steps[0], case=case.number)

    def answer(self, answer: object, visit: Visit) -> Turn:
        """Freezes the account. Raises StopLinkUnknown."""
        match answer:
            case NotMe():
                self.stops.freeze(visit.stop)
                return Turn(self.steps.stopped, visit)
            case _:
                raise NoHandler(type(answer).__name__)

    def rejected(self, step: Step, problems: Mapping[str, Rejected], visit: Visit) -> None:
        """Nothing is typed here."""

    def refused(self, step: Step, refusal: Refusal, visit: Visit) -> None:  # noqa: ARG002  # whose act it was is not known
        """Notes it."""
        self.tools.note_refused(refusal)
