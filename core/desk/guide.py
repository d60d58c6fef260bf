"""Shows agents which step the caller has reached and how to go on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from core.desk.actions import VERIFY_FIRST, AvailableAction, may_act
from core.desk.authorisation import AgentSession, Authorisation, VerifiedCaller
from core.desk.error_lookup import ExplainedError
from core.desk.files import CASES_SHOWN, TimelineLine, language_of_last_page_or_roll
from core.desk.incidents import IncidentBoard
from core.desk.mails import RecoveryMailRequests
from core.desk.message_status import AwaitedMessageTracker, MessageStatusLine
from core.desk.progress import CaseProgress
from core.desk.steps import StepView, is_message, view_step
from core.desk.voter_refusals import explain_refusal, refusal_in_front_of_voter
from core.desk.voter_status import StatusFacts, StatusItem, VoterStatusReader, status_items, why_not_verify
from core.flows.dependencies import Dependencies
from core.flows.incident_catalogue import IncidentInLocalTime
from core.forms import errors
from core.forms.errors import AccountFrozen, LinkExpired, LinkReplaced, NoReissueLeft
from core.forms.field_parsers import mask_address
from core.forms.flow_model import AskStep, AwaitMessageStep, FinalStep, Flow, ShownStep, Step
from core.ports import Actor, RecordedEvent, RecoveryCase, Transaction, Voter
from core.text.faces.voter_status_texts import LinkState
from core.text.text import N_, Language, Moment, Text

HISTORY_LINES = 200
DEAD_LINKS = {LinkState.EXPIRED: LinkExpired.id, LinkState.CANCELLED: LinkReplaced.id}
WITHOUT_CASE = N_("Aucun dossier encore, étape {step}.")
AT_STEP = N_("Dossier {case}, étape {step} : {title}.")
MESSAGE = N_("{message}.")
LAST = N_("Dernier événement, le {at} : {event}")
_CaseAndHistory = tuple[RecoveryCase | None, Sequence[RecordedEvent]]


class StepStatus(StrEnum):
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
    flow: str
    title: Text
    case: str | None
    steps: tuple[GuidedStep, ...]
    present: int
    """Index of the voter's current step, or 0 if unknown."""
    language: Language
    message: MessageStatusLine | None
    """Status of the message that the voter is waiting for, or None."""
    actions: tuple[AvailableAction, ...]
    """The actions that the agent can take in this flow, with the suggested action first."""
    elsewhere: "VoterPosition | None"
    """The voter's step in another flow, if the voter is there now."""
    incidents: tuple[IncidentInLocalTime, ...]
    status: tuple[StatusItem, ...]
    is_verified: bool
    why_not_verify: Text | None
    refusal: ExplainedError | None
    """The refusal that stops the voter in this flow, or None."""


@dataclass(frozen=True, slots=True)
class VoterPosition:
    code: str
    flow: str


@dataclass(eq=False)
class CallGuide:
    dependencies: Dependencies
    authorisation: Authorisation
    progress: CaseProgress
    mail: RecoveryMailRequests
    tracker: AwaitedMessageTracker
    incidents: IncidentBoard
    status: VoterStatusReader
    flows: tuple[Flow, ...]

    def view(
        self,
        session: AgentSession,
        voter: int,
        slug: str,
        caller: VerifiedCaller | None = None,
        *,
        said: str | None = None,
    ) -> VoterFlowGuide:
        """Return the guide. `said` is a step code that the caller read out. Raises AgentSessionOver, VoterNotOnRoll."""
        with self.authorisation.read(session) as transaction:
            found = transaction.voters.by_id(voter)
            if found is None:
                raise errors.VoterNotOnRoll
            flow = self.progress.handler(slug).steps.flow
            current = {other.slug: self._current_case(transaction, voter, other.slug) for other in self.flows}
            case, history = current[slug]
            message = self.tracker.find_message_status(transaction, history)
            incidents = self.incidents.incidents_of_voter(transaction, found, waits_for_sms=flow.sends_sms)
            stop = self._stop(transaction, voter, current)
            cases = transaction.recoveries.of_voter(voter, CASES_SHOWN)
            known = self.status.read(transaction, session, found, caller)
            offers_mail = slug == self.mail.flow and may_act(session)
            mail = self.mail.offered_mail_actions(transaction, session, found, case, caller) if offers_mail else ()
        shown = None if case is None else self.progress.page(case, history)
        awaited = None if case is None else self.progress.awaited_message_step(case, history)
        present = next(
            (at for at, step in enumerate(flow.steps) if (step.code == said if shown is None else step is shown.step)),
            0,
        )
        stopped_at = None if stop is None else stop[1]
        is_stopped_here = stopped_at is not None and stopped_at.flow == slug
        if shown is not None and awaited is shown.step:
            awaited = None
        if stopped_at is not None and is_stopped_here:
            awaited, message = None, None
            present = [step.code for step in flow.steps].index(stopped_at.code)
        is_verified = known.verified_until is not None
        if message is not None and message.script and not is_verified:
            message = replace(message, script=(VERIFY_FIRST, *message.script))
        facts = {**({} if shown is None else shown.facts), **self._facts(found, slug, case)}
        requested_in = None if shown is None else shown.message_language
        language = requested_in or language_of_last_page_or_roll(found, cases)
        pages = (
            replace(shown, facts=facts)
            if shown is not None and step is shown.step
            else ShownStep(step=step, facts=facts, message_language=requested_in)
            for step in flow.steps
        )
        refusal = _refusal(stop[0] if stop and is_stopped_here else None, flow, present, known, facts)
        steps = [
            GuidedStep(
                StepStatus.AWAITED if page.step is awaited else _status(at, present, flow.steps, shown),
                view_step(page, flow, language),
            )
            for at, page in enumerate(pages)
        ]
        if is_message(flow.steps[present]):  # the step before it, which waits for the message, has most problems
            steps[present] = _with_earlier_problems(steps[present], steps[present - 1])
        return VoterFlowGuide(
            flow=slug,
            title=flow.title,
            case=None if shown is None else shown.case,
            steps=tuple(steps),
            present=present,
            language=language,
            message=message if shown is not None and refusal is None and _awaits_message(shown.step) else None,
            actions=mail,
            elsewhere=self._elsewhere(slug, current) if stop is None else None if is_stopped_here else stopped_at,
            incidents=incidents,
            status=status_items(known),
            is_verified=is_verified,
            why_not_verify=why_not_verify(known),
            refusal=refusal,
        )

    def _stop(
        self, transaction: Transaction, voter: int, current: Mapping[str, _CaseAndHistory]
    ) -> tuple[str, VoterPosition] | None:
        """Return the id and step of the refusal on the voter's screen, or None."""
        now, within = self.dependencies.clock.now(), timedelta(minutes=self.dependencies.policy.link_valid_minutes)
        event = refusal_in_front_of_voter(transaction.journal.voter_history(voter, HISTORY_LINES), now, within)
        if event is None:
            return None
        case = None if event.case is None else transaction.recoveries.by_number(event.case)
        flow = self.flows[0].slug if case is None else case.flow
        latest, history = current[flow]
        step = (
            self.progress.handler(flow).steps.flow.steps[0]
            if latest is None
            else self.progress.page(latest, history).step
        )
        return event.reason or "", VoterPosition(self.progress.step_code_of(event.act, flow) or step.code, flow)

    def _elsewhere(self, slug: str, current: Mapping[str, _CaseAndHistory]) -> VoterPosition | None:
        acts = {
            flow: [written.line for written in history if written.event.actor in {Actor.VOTER, Actor.AGENT}]
            for flow, (_, history) in current.items()
        }
        last = {flow: lines[-1] for flow, lines in acts.items() if lines}
        newest = max(last, key=lambda flow: last[flow], default=slug)
        case, history = current[newest]
        if newest == slug or case is None:
            return None
        return VoterPosition(self.progress.page(case, history).step.code, newest)

    def _current_case(self, transaction: Transaction, voter: int, slug: str) -> _CaseAndHistory:
        case = transaction.recoveries.latest(voter, slug)
        if case is None:
            return None, ()
        history = transaction.journal.case_history(case.number, HISTORY_LINES)
        is_final = isinstance(self.progress.page(case, history).step, FinalStep)
        policy, last = self.dependencies.policy, history[-1].event.at if history else case.began
        minutes = policy.caller_valid_minutes if is_final else policy.link_valid_minutes
        return (None, ()) if self.dependencies.clock.now() >= last + timedelta(minutes=minutes) else (case, history)

    def _facts(self, voter: Voter, slug: str, case: RecoveryCase | None) -> dict[str, object]:
        address = mask_address(voter.email)
        facts = {"first_name": voter.first_name, "last_name": voter.last_name, "masked_address": address}
        if case is not None:
            facts["case"] = case.number
            address = self.progress.masked_typed_address(case)
        known = self.progress.handler(slug).sentence_values_of_voter(voter)
        return {**self.dependencies.election.facts, **known, **facts, "address": address}


def _with_earlier_problems(step: GuidedStep, before: GuidedStep) -> GuidedStep:
    return replace(step, view=replace(step.view, problems=before.view.problems + step.view.problems))


def _refusal(
    stopped_by: str | None, flow: Flow, present: int, known: StatusFacts, facts: Mapping[str, object]
) -> ExplainedError | None:
    if stopped_by is not None:
        return explain_refusal(stopped_by, known, facts, is_page=True)
    if known.frozen:
        # A page about the finished case would be untrue now, and the voter's next page is the refusal.
        return explain_refusal(AccountFrozen.id, known, facts, is_page=isinstance(flow.steps[present], FinalStep))
    dead = None if known.link is None else DEAD_LINKS.get(known.link[0])
    to_come = (refusal for step in flow.steps[present:] for refusal in step.copy.refusals)
    if dead is not None and isinstance(flow.steps[present], AwaitMessageStep) and dead in to_come:
        return explain_refusal(dead, known, facts, is_page=False)
    begins = [at for at, step in enumerate(flow.steps) if NoReissueLeft.id in step.copy.refusals]
    ends = [at for at, step in enumerate(flow.steps) if isinstance(step, FinalStep)]
    if known.reissues_left == 0 and begins and present in {*begins, *ends}:
        return explain_refusal(NoReissueLeft.id, known, facts, is_page=False)
    return None


def _status(at: int, present: int, steps: Sequence[Step], shown: ShownStep | None) -> StepStatus:
    if shown is None:
        return StepStatus.AHEAD
    ends = [position for position, step in enumerate(steps) if isinstance(step, FinalStep)]
    if at == present:
        return StepStatus.DONE if ends[:1] == [at] else StepStatus.PRESENT
    return StepStatus.DONE if at < present and at not in ends else StepStatus.AHEAD


def _awaits_message(step: Step) -> bool:
    return isinstance(step, AwaitMessageStep | AskStep) and step.message is not None


def case_summary_sentences(guide: VoterFlowGuide, lines: Sequence[TimelineLine]) -> tuple[Text, ...]:
    """Summarise the case for a colleague. Omits names, contact details and secrets."""
    view = guide.steps[guide.present].view
    facts = {"case": guide.case, "step": view.code, "title": view.page.title}
    message = () if guide.message is None else (MESSAGE.fill({"message": guide.message.labelled}),)
    last = [LAST.fill({"at": Moment(line.at), "event": line.sentence}) for line in lines[-1:]]
    return ((AT_STEP if guide.case else WITHOUT_CASE).fill(facts), *message, *last)
