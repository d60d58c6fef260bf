"""Guides a caller through a flow: each step as the agent and the voter see it, and where the voter is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from core.desk.actions import AvailableAction, may_act
from core.desk.authorisation import AgentSession, Authorisation, VerifiedCaller
from core.desk.files import TimelineLine
from core.desk.incidents import IncidentBoard
from core.desk.mails import RecoveryMailRequests
from core.desk.message_status import AwaitedMessageTracker, MessageStatusLine
from core.desk.progress import CaseProgress
from core.desk.steps import StepView, view_step
from core.flows.dependencies import Dependencies
from core.flows.incident_catalogue import IncidentInLocalTime
from core.forms import errors
from core.forms.field_parsers import mask_address
from core.forms.flow_model import AskStep, AwaitMessageStep, FinalStep, Flow, ShownStep, Step
from core.ports import RecordedEvent, RecoveryCase, Transaction, Voter
from core.text.text import N_, Language, Moment, Text

HISTORY_LINES = 200
WITHOUT_CASE = N_("Aucun dossier encore, étape {step}.")
AT_STEP = N_("Dossier {case}, étape {step} : {title}.")
MESSAGE = N_("Message : {where}.")
LAST = N_("Dernier événement, le {at} : {event}")
_CaseAndHistory = tuple[RecoveryCase | None, Sequence[RecordedEvent]]
"""The voter's latest case of a flow and its events; None and no events if there is none."""


class StepStatus(StrEnum):
    """State of a step for the voter: done, present, a message that is awaited, or ahead."""

    DONE = "done"
    PRESENT = "present"
    AWAITED = "awaited"
    AHEAD = "ahead"


@dataclass(frozen=True, slots=True)
class GuidedStep:
    status: StepStatus
    view: StepView


@dataclass(frozen=True, slots=True, kw_only=True)
class VoterFlowGuide:
    """A flow as it stands for one voter."""

    flow: str
    """The slug."""
    title: Text
    case: str | None
    steps: tuple[GuidedStep, ...]
    present: int
    """The position of the page where the voter is, or may begin."""
    language: Language
    """The language in which the voter reads messages, by the roll."""
    message: MessageStatusLine | None
    """The present place of the message that the voter waits for; None at a page that waits for none."""
    actions: tuple[AvailableAction, ...]
    """The agent's actions in this flow; the first is the one to offer."""
    elsewhere: "VoterPosition | None"
    """The voter's place in another flow, if the newest event is there."""
    incidents: tuple[IncidentInLocalTime, ...] = ()
    """The known incidents that concern the voter in this flow."""


@dataclass(frozen=True, slots=True)
class VoterPosition:
    """The code of the step where the voter is, and the slug of its flow."""

    code: str
    flow: str


@dataclass(eq=False)
class CallGuide:
    """The guides of all flows."""

    dependencies: Dependencies
    authorisation: Authorisation
    progress: CaseProgress
    mail: RecoveryMailRequests
    tracker: AwaitedMessageTracker
    incidents: IncidentBoard
    flows: tuple[Flow, ...]
    """The flows that can be guided; most callers begin with the first."""

    def view(
        self,
        session: AgentSession,
        voter: int,
        slug: str,
        caller: VerifiedCaller | None = None,
        *,
        said: str | None = None,
    ) -> VoterFlowGuide:
        """Return the guide as it stands now, cheaply enough for twice a second. Raises AgentSessionOver, VoterNotOnRoll.

        Until the voter has a case, the guide stands at the step whose code the caller says, `said`.
        """
        with self.authorisation.read(session) as transaction:
            found = transaction.voters.by_id(voter)
            if found is None:
                raise errors.VoterNotOnRoll
            flow = self.progress.handler(slug).steps.flow
            current = {each.slug: self._current_case(transaction, voter, each.slug) for each in self.flows}
            case, history = current[slug]
            message = self.tracker.find_message_status(transaction, history)
            incidents = self.incidents.incidents_of_voter(transaction, found, waits_for_sms=flow.sends_sms)
        shown = None if case is None else self.progress.page(case, history)
        awaited = None if case is None else self.progress.awaited_message_step(case, history)
        present = next(
            (at for at, step in enumerate(flow.steps) if (step.code == said if shown is None else step is shown.step)),
            0,
        )
        facts = {**({} if shown is None else shown.facts), **self._facts(found, slug, case)}
        pages = (
            replace(shown, facts=facts)
            if shown is not None and step is shown.step
            else ShownStep(step=step, facts=facts, message_language=None if shown is None else shown.message_language)
            for step in flow.steps
        )
        offers_mail = slug == self.mail.flow and may_act(session)
        return VoterFlowGuide(
            flow=slug,
            title=flow.title,
            case=None if shown is None else shown.case,
            steps=tuple(
                GuidedStep(
                    StepStatus.AWAITED if page.step is awaited else _status(at, present, flow.steps, shown),
                    view_step(page, flow, found.language),
                )
                for at, page in enumerate(pages)
            ),
            present=present,
            language=found.language,
            message=message if shown is not None and _awaits_message(shown.step) else None,
            actions=self.mail.offered_mail_actions(session, found, case, caller) if offers_mail else (),
            elsewhere=self._elsewhere(slug, current),
            incidents=incidents,
        )

    def _elsewhere(self, slug: str, current: Mapping[str, _CaseAndHistory]) -> VoterPosition | None:
        """Return where the voter is in the flow of the newest event, unless that is this flow."""
        last = {each: history[-1].line for each, (_, history) in current.items() if history}
        newest = max(last, key=lambda each: last[each], default=slug)
        case, history = current[newest]
        if newest == slug or case is None:
            return None
        return VoterPosition(self.progress.page(case, history).step.code, newest)

    def _current_case(self, transaction: Transaction, voter: int, slug: str) -> _CaseAndHistory:
        """Return the voter's latest case of a flow; none when it belongs to another call, long over."""
        case = transaction.recoveries.latest(voter, slug)
        if case is None:
            return None, ()
        history = transaction.journal.case_history(case.number, HISTORY_LINES)
        is_final = isinstance(self.progress.page(case, history).step, FinalStep)
        policy, last = self.dependencies.policy, history[-1].event.at if history else case.began
        minutes = policy.caller_valid_minutes if is_final else policy.link_valid_minutes
        return (None, ()) if self.dependencies.clock.now() >= last + timedelta(minutes=minutes) else (case, history)

    def _facts(self, voter: Voter, slug: str, case: RecoveryCase | None) -> dict[str, object]:
        """Return the facts that any step may name; addresses are masked, because rule 11 keeps contacts from agents."""
        address = mask_address(voter.email)
        facts = {"first_name": voter.first_name, "last_name": voter.last_name, "masked_address": address}
        if case is not None:
            facts["case"] = case.number
            address = self.progress.masked_typed_address(case)
        known = self.progress.handler(slug).sentence_values_of_voter(voter)
        return {**self.dependencies.election.facts, **known, **facts, "address": address}


def _status(at: int, present: int, steps: Sequence[Step], shown: ShownStep | None) -> StepStatus:
    """The first end of a flow is done once reached; at another end the flow has failed and goes on from there."""
    if shown is None:
        return StepStatus.AHEAD
    ends = [position for position, step in enumerate(steps) if isinstance(step, FinalStep)]
    if at == present:
        return StepStatus.DONE if ends[:1] == [at] else StepStatus.PRESENT
    return StepStatus.DONE if at < present and at not in ends else StepStatus.AHEAD


def _awaits_message(step: Step) -> bool:
    return isinstance(step, AwaitMessageStep | AskStep) and step.message is not None


def case_summary_sentences(guide: VoterFlowGuide, lines: Sequence[TimelineLine]) -> tuple[Text, ...]:
    """Return a summary that an agent hands to a colleague: no name, no contact and no secret is in it."""
    view = guide.steps[guide.present].view
    facts = {"case": guide.case, "step": view.code, "title": view.page.title}
    message = () if guide.message is None else (MESSAGE.fill({"where": guide.message.sentence}),)
    last = [LAST.fill({"at": Moment(line.at), "event": line.sentence}) for line in lines[-1:]]
    return ((AT_STEP if guide.case else WITHOUT_CASE).fill(facts), *message, *last)
