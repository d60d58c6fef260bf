"""The lines of what needs attention at the desk, made from what the other use cases list."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.desk import home_sentences as words
from core.desk.announce_incident_form import NewIncident
from core.desk.call_back_hand_over_sentences import (
    call_back_detail,
    call_back_sentence,
    hand_over_detail,
    hand_over_sentence,
)
from core.desk.call_backs import CallBackLine
from core.desk.hand_overs import HandOverLine
from core.desk.incident_board import CurrentAndProposedIncidents
from core.desk.sessions_callers_and_approvals import AgentSession
from core.desk.supervisor_approvals import ActionToApprove
from core.flows.incident_catalogue import BY_NAME, incident_words
from core.ports import AnswerWay
from core.text.faces.incident_page_texts import WHERE
from core.text.faces.supervisor_approval_texts import ASKED_ON_HOME
from core.text.faces.timeline_sentences import TimelineLineTone
from core.text.text import Text


class AttentionReason(StrEnum):
    """Reasons for an entry in the list of what needs attention."""

    CALL_BACK_DUE = "call-back-due"
    PROPOSED = "proposed"
    INCIDENT = "incident"
    SIGNATURE = "signature"
    HANDED_OVER = "handed-over"
    CALL_BACK_LATER = "call-back-later"
    BUDGET = "budget"
    BACKLOG = "backlog"
    LATE = "late"
    PARKED = "parked"
    BOUNCED = "bounced"
    FROZEN = "frozen"
    CALL = "call"


@dataclass(frozen=True, slots=True)
class AttentionItem:
    """A line of the list: the reason, its beginning (in the election's zone), and the voter or case that it is about."""

    reason: AttentionReason
    sentence: Text
    mark: TimelineLineTone
    since: datetime
    voter: int | None = None
    name: str | None = None
    case: str | None = None
    incident: int | None = None
    """The number of a known incident."""
    proposed: NewIncident | None = None
    """The incident that a supervisor may announce."""
    detail: Text | None = None
    """For whom it is, where it is for one agent."""
    call_back: int | None = None
    hand_over: int | None = None
    signature: str | None = None
    """The request that a supervisor may sign."""

    @property
    def identity(self) -> tuple[object, ...]:
        """The same for the same line at any time, whatever it says by then."""
        about = self.call_back, self.hand_over, self.signature, self.incident
        if any(about):
            return about
        new = self.proposed
        incident = None if new is None else (new.sentence, new.scope, new.subject)  # its end moves with the clock
        return self.reason, self.sentence.msgid, incident, self.voter, self.case


@dataclass(frozen=True, slots=True)
class IdenticalAttentionItems:
    """Lines that say the same, of several voters."""

    items: tuple[AttentionItem, ...]

    @property
    def first(self) -> AttentionItem:
        """The line that stands for all of them."""
        return self.items[0]

    @property
    def identity(self) -> tuple[object, ...]:
        """The same for the same group at any time."""
        return self.first.reason, self.first.sentence.msgid, "alike"


def incident_items(found: CurrentAndProposedIncidents) -> Iterator[AttentionItem]:
    """The incidents that the desk proposes, then those that stand."""
    for proposal in found.proposals:
        new = proposal.incident
        facts = {"why": proposal.why, "title": BY_NAME[new.sentence].title, "where": _where(new)}
        sentence = words.PROPOSED.fill(facts)
        yield AttentionItem(AttentionReason.PROPOSED, sentence, TimelineLineTone.BAD, proposal.since, proposed=new)
    for notice in found.notices:
        if not notice.is_over:
            heading, number = incident_words(notice).heading, notice.incident.id
            yield AttentionItem(
                AttentionReason.INCIDENT, heading, TimelineLineTone.BAD, notice.incident.began, incident=number
            )


def _where(new: NewIncident) -> Text:
    return WHERE[new.scope].fill({"subject": new.subject})


def call_back_item(line: CallBackLine, session: AgentSession) -> AttentionItem:
    """Return the line of a call-back."""
    return AttentionItem(
        AttentionReason.CALL_BACK_DUE if line.is_due else AttentionReason.CALL_BACK_LATER,
        call_back_sentence(line),
        _call_back_tone(line),
        line.due,
        voter=line.voter,
        name=line.name,
        case=line.case if line.name is None else None,
        detail=call_back_detail(line, session.name),
        call_back=line.id,
    )


def _call_back_tone(line: CallBackLine) -> TimelineLineTone:
    """An answer in writing may be given at any time up to its promise: only a late one is a fault."""
    urgent = line.is_late if line.way is AnswerWay.WRITING else line.is_due
    return TimelineLineTone.BAD if urgent else TimelineLineTone.NEUTRAL


def hand_over_item(line: HandOverLine) -> AttentionItem:
    """Return the line of a file that was handed over."""
    return AttentionItem(
        AttentionReason.HANDED_OVER,
        hand_over_sentence(line),
        TimelineLineTone.BAD,
        line.given,
        voter=line.voter,
        name=line.name,
        case=line.case if line.name is None else None,
        detail=hand_over_detail(line),
        hand_over=line.id,
    )


def approval_request_item(question: ActionToApprove) -> AttentionItem:
    """Return the line of a request for a signature."""
    sentence = ASKED_ON_HOME.fill(
        {
            "agent": question.agent,
            "act": question.act.sentence,
            "reason": question.reason.sentence,
        }
    )
    return AttentionItem(
        AttentionReason.SIGNATURE,
        sentence,
        TimelineLineTone.BAD,
        question.asked,
        voter=question.voter,
        name=question.name,
        signature=question.id,
    )
