"""Items on the agents' home screen that need attention."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from babel import Locale

from core.desk.approvals import ActionToApprove
from core.desk.authorisation import AgentSession
from core.desk.call_backs import CallBackLine
from core.desk.hand_overs import HandOverLine
from core.desk.incident_form import NewIncident
from core.desk.incidents import CurrentAndProposedIncidents
from core.flows.incident_catalogue import BY_NAME, incident_words
from core.forms.flow_model import Channel
from core.ports import AnswerWay, CallBackOrigin
from core.text.faces import call_sentences as call_texts
from core.text.faces.incident_page_texts import WHERE
from core.text.faces.supervisor_approval_texts import ASKED_ON_HOME
from core.text.faces.timeline_sentences import TimelineLineTone
from core.text.text import N_, NN_, BilingualText, Language, ShortMoment, Text, TimeOfDay

PARKED: Mapping[Channel | None, Text] = {
    Channel.MAIL: N_("Un message n'a pas pu être envoyé : la messagerie l'a refusé pour de bon."),
    Channel.SMS: N_("Un SMS n'a pas pu être envoyé : l'opérateur l'a refusé pour de bon."),
    None: N_("Le service de vote n'a pas pu être prévenu."),
}
PROPOSED = N_("{why} Entrée annonce à tous l'incident « {title} » ({where}) pour deux heures.")
FROZEN = N_("Compte bloqué : la personne doit appeler, et un responsable signer pour le rouvrir.")
LATE: Mapping[Channel | None, Text] = {
    Channel.MAIL: N_("Un message attend depuis longtemps."),
    Channel.SMS: N_("Un SMS attend depuis longtemps."),
    None: N_("Le service de vote aurait dû être prévenu depuis longtemps."),
}

FROM_TIME = N_("à partir de {at}")
FROM_DAY = N_("à partir du {at}")
BUDGET_TIGHT = N_("Codes par SMS vers {where} : {sent} sur {allowed} permis à cette heure. Prévenez un responsable.")
BUDGET_SPENT = N_(
    "Codes par SMS vers {where} : les {allowed} permis à cette heure sont partis, les autres attendent leur tour."
)
DAY_TIGHT = N_("Codes par SMS : {sent} sur {allowed} permis à cette heure. Prévenez un responsable.")
DAY_SPENT = N_("Codes par SMS : les {allowed} permis à cette heure sont partis, les autres attendent leur tour.")


class AttentionReason(StrEnum):
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
    reason: AttentionReason
    sentence: Text
    since: datetime | None
    """Time shown with the item. None if the sentence has a time."""
    mark: TimelineLineTone = TimelineLineTone.BAD
    voter: int | None = None
    name: str | None = None
    case: str | None = None
    incident: int | None = None
    proposed: NewIncident | None = None
    detail: Text | None = None
    """A sentence about the agent concerned, or None."""
    call_back: int | None = None
    hand_over: int | None = None
    signature: str | None = None
    is_earliest: bool = False
    """Whether `since` is the earliest time for a call back."""

    def when(self, today: date) -> Text | None:
        """Return the time to show: the hour if it is today."""
        if self.since is None:
            return None
        is_today = self.since.date() == today
        sentence = (FROM_TIME if is_today else FROM_DAY) if self.is_earliest else Text("{at}")
        return sentence.fill({"at": TimeOfDay(self.since) if is_today else ShortMoment(self.since)})

    @property
    def identity(self) -> tuple[object, ...]:
        about = self.call_back, self.hand_over, self.signature, self.incident
        if any(about):
            return about
        new = self.proposed
        # The end of a proposed incident is left out, because it moves with the clock.
        incident = None if new is None else (new.sentence, new.scope, new.subject)
        return self.reason, self.sentence.msgid, incident, self.voter, self.case


@dataclass(frozen=True, slots=True)
class IdenticalAttentionItems:
    items: tuple[AttentionItem, ...]

    @property
    def first(self) -> AttentionItem:
        return self.items[0]

    @property
    def identity(self) -> tuple[object, ...]:
        return self.first.reason, self.first.sentence.msgid, "alike"


def incident_items(found: CurrentAndProposedIncidents) -> Iterator[AttentionItem]:
    for proposal in found.proposals:
        new = proposal.incident
        where = WHERE[new.scope].fill({"subject": new.subject})
        sentence = PROPOSED.fill({"why": proposal.why, "title": BY_NAME[new.sentence].title, "where": where})
        yield AttentionItem(AttentionReason.PROPOSED, sentence, proposal.since, proposed=new)
    for notice in found.notices:
        if not notice.is_over:
            heading, incident = incident_words(notice).heading, notice.incident
            yield AttentionItem(AttentionReason.INCIDENT, heading, incident.began, incident=incident.id)


def call_back_item(line: CallBackLine, session: AgentSession) -> AttentionItem:
    # A written answer may be sent at any time before its deadline, so it becomes urgent only when it is late.
    is_urgent = line.is_late if line.way is AnswerWay.WRITING else line.is_due
    return AttentionItem(
        AttentionReason.CALL_BACK_DUE if line.is_due else AttentionReason.CALL_BACK_LATER,
        _call_back_sentence(line),
        None if line.way is AnswerWay.WRITING else line.due,
        TimelineLineTone.BAD if is_urgent else TimelineLineTone.NEUTRAL,
        voter=line.voter,
        name=line.name,
        case=line.case if line.name is None else None,
        detail=_call_back_detail(line, session.name),
        call_back=line.id,
        is_earliest=line.origin is CallBackOrigin.WEB_FORM,
    )


def _call_back_sentence(line: CallBackLine) -> Text:
    if line.way is AnswerWay.WRITING:
        sentence = call_texts.ANSWER_LATE if line.is_late else call_texts.ANSWER_IN_WRITING
    elif line.is_late:
        sentence = call_texts.ASKED_ON_SITE_LATE
    elif line.origin is CallBackOrigin.WEB_FORM:
        sentence = call_texts.ASKED_ON_SITE_DUE if line.is_due else call_texts.ASKED_ON_SITE_LATER
    else:
        sentence = call_texts.CALL_BACK_DUE if line.is_due else call_texts.CALL_BACK_LATER
    until = {} if line.until is None else {"until": ShortMoment(line.until)}
    return sentence.fill({"reason": line.reason.sentence, **until})


def _call_back_detail(line: CallBackLine, agent: str) -> Text | None:
    if line.taken_by is not None:
        return call_texts.TAKEN_BY_YOU if line.taken_by == agent else call_texts.TAKEN_BY.fill({"agent": line.taken_by})
    if line.assigned is None:
        return None
    return call_texts.FOR_YOU if line.assigned == agent else call_texts.FOR_AGENT.fill({"agent": line.assigned})


def hand_over_item(line: HandOverLine) -> AttentionItem:
    gone = line.receiver_gone
    return AttentionItem(
        AttentionReason.HANDED_OVER,
        call_texts.HANDED_OVER.fill({"agent": line.given_by, "reason": line.reason.sentence}),
        line.given,
        voter=line.voter,
        name=line.name,
        case=line.case if line.name is None else None,
        detail=None if gone is None else call_texts.RECEIVER_GONE.fill({"agent": gone}),
        hand_over=line.id,
    )


def approval_request_item(question: ActionToApprove) -> AttentionItem:
    act, reason = question.act.sentence, question.reason.sentence
    return AttentionItem(
        AttentionReason.SIGNATURE,
        ASKED_ON_HOME.fill({"agent": question.agent, "act": act, "reason": reason}),
        question.asked,
        voter=question.voter,
        name=question.name,
        signature=question.id,
    )


def budget_sentence(code: str | None, sent: int, allowed: int, *, spent: bool) -> Text:
    """Describe the SMS budget of a country (ISO 3166), or of all countries."""
    facts: dict[str, object] = {"sent": sent, "allowed": allowed}
    if code is None:
        return (DAY_SPENT if spent else DAY_TIGHT).fill(facts)
    names = (Locale(language.value).territories.get(code, code) for language in Language)
    return (BUDGET_SPENT if spent else BUDGET_TIGHT).fill({**facts, "where": BilingualText(*map(str, names))})


def backlog_sentence(count: int, channels: AbstractSet[Channel | None]) -> Text:
    """Return a sentence about waiting messages and the failed channels."""
    if Channel.MAIL not in channels:
        why = N_("l'opérateur ou le service de vote ne répond pas, ou pas assez vite.")
    elif channels == {Channel.MAIL}:
        why = N_("la messagerie ne répond pas, ou pas assez vite.")
    else:
        why = N_("ni les messages ni les SMS ne partent, ou pas assez vite.")
    return NN_("{count} envoi attend : {why}", "{count} envois attendent : {why}", count=count, why=why)
