"""The agents' home screen: items that need attention, and counts of today's events."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Lock

from core.delivery.sms_budgets import SmsBudgets, SmsBudgetState
from core.desk.actions import may_act
from core.desk.approvals import Approvals
from core.desk.attention import (
    FROZEN,
    LATE,
    PARKED,
    AttentionItem,
    AttentionReason,
    IdenticalAttentionItems,
    approval_request_item,
    backlog_sentence,
    budget_sentence,
    call_back_item,
    hand_over_item,
    incident_items,
)
from core.desk.authorisation import AgentSession, Authorisation
from core.desk.call_backs import CallBacks
from core.desk.hand_overs import HandOvers
from core.desk.incidents import IncidentBoard, late_messages, outage_of
from core.desk.subjects import name_of
from core.flows.dependencies import Dependencies
from core.flows.flow_plugin import ElectionFlows
from core.ports import EVERYWHERE, Event, EventType, Transaction, channel_of
from core.ports.journal import SETTLES_AFTER
from core.text.faces.timeline_sentences import TimelineLineTone
from core.text.text import N_, NN_, Text

MOST_SHOWN = 20
FROZEN_SHOWN = 100
COUNTED_AGAIN_AFTER = timedelta(seconds=1)
"""Time after which today's events are counted again."""
COUNTS: Mapping[EventType, Callable[[int], Text]] = {
    EventType.ASKED: lambda count: NN_("{count} message demandé", "{count} messages demandés", count=count),
    EventType.PASSWORD_CHOSEN: lambda count: NN_(
        "{count} mot de passe enregistré", "{count} mots de passe enregistrés", count=count
    ),
    EventType.CALLER_VERIFIED: lambda count: NN_("{count} appelant vérifié", "{count} appelants vérifiés", count=count),
    EventType.MAIL_BOUNCED: lambda count: NN_("{count} message revenu", "{count} messages revenus", count=count),
}


def frozen_sentence(count: int) -> Text:
    if count >= FROZEN_SHOWN:
        return N_("au moins {count} comptes bloqués en ce moment", count=count)
    return NN_("{count} compte bloqué en ce moment", "{count} comptes bloqués en ce moment", count=count)


@dataclass(frozen=True, slots=True)
class HomeOverview:
    attention: tuple[AttentionItem, ...]
    counts: tuple[Text, ...]

    @property
    def due_call_backs_and_approval_requests(self) -> Mapping[int | str, AttentionItem]:
        """Items by id. The terminal rings once for each id."""
        due = [item for item in self.attention if item.reason is AttentionReason.CALL_BACK_DUE]
        asked = [item for item in self.attention if item.signature is not None]
        return {item.signature or item.call_back or 0: item for item in (*due, *asked)}

    @property
    def groups(self) -> tuple[IdenticalAttentionItems, ...]:
        alike = dict[tuple[AttentionReason, str, int | str | None], list[AttentionItem]]()
        for item in self.attention:
            act = item.call_back or item.hand_over or item.signature  # items with one of these ids are never grouped
            alike.setdefault((item.reason, item.sentence.msgid, act), []).append(item)
        return tuple(IdenticalAttentionItems(tuple(items)) for items in alike.values())


@dataclass
class _Day:
    began: datetime
    line: int
    settled: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    counted: datetime | None = None


@dataclass(eq=False)
class HomeOverviewReader:
    dependencies: Dependencies
    authorisation: Authorisation
    flows: ElectionFlows
    incidents: IncidentBoard
    call_backs: CallBacks
    hand_overs: HandOvers
    signatures: Approvals
    _day: _Day | None = field(default=None, init=False)
    _lock: Lock = field(default_factory=Lock, init=False)

    def overview(self, session: AgentSession) -> HomeOverview:
        with self.authorisation.read(session) as transaction:
            frozen = tuple(self._frozen(transaction))
            items = [
                *map(approval_request_item, self.signatures.actions_session_may_approve(transaction, session)),
                *incident_items(self.incidents.read(transaction, session)),
                *self._for_agent(transaction, session),
                *self._budgets(transaction),
                *self._to_call(transaction),
                *self._late(transaction),
                *self._parked(transaction),
                *self._bounced(transaction),
                *frozen,
            ]
            items = [replace(item, name=item.name or name_of(transaction, item.voter)) for item in items]
            counts = (*self._counts(transaction), frozen_sentence(len(frozen)))
        local = self.dependencies.calendar.to_local
        return HomeOverview(tuple(replace(item, since=item.since and local(item.since)) for item in items), counts)

    def _for_agent(self, transaction: Transaction, session: AgentSession) -> Iterator[AttentionItem]:
        if not may_act(session):
            return
        lines = tuple(self.call_backs.call_back_lines(transaction, session, self.dependencies.clock.now()))
        yield from (call_back_item(line, session) for line in lines if line.is_due)
        yield from map(hand_over_item, self.hand_overs.hand_over_lines(transaction, session))
        yield from (call_back_item(line, session) for line in lines if not line.is_due)

    def _budgets(self, transaction: Transaction) -> Iterator[AttentionItem]:
        now = self.dependencies.clock.now()
        for budget in SmsBudgets(self.dependencies).todays_budgets(transaction, now):
            if budget.budget_state is not SmsBudgetState.FINE:
                spent = budget.budget_state is SmsBudgetState.SPENT
                country = None if budget.scope == EVERYWHERE else budget.scope
                sentence = budget_sentence(country, budget.sent, budget.allowed, spent=spent)
                mark = TimelineLineTone.BAD if spent else TimelineLineTone.NEUTRAL
                yield AttentionItem(AttentionReason.BUDGET, sentence, now, mark)

    def _late(self, transaction: Transaction) -> Iterator[AttentionItem]:
        now, minutes = self.dependencies.clock.now(), self.dependencies.policy.desk_late_minutes
        late = late_messages(transaction, now, minutes)
        outage = outage_of(late)
        if outage is not None:
            sentence = backlog_sentence(transaction.outbox.backlog().waiting, outage.channels)
            yield AttentionItem(AttentionReason.BACKLOG, sentence, outage.since)
            return
        for message in late:
            mark = TimelineLineTone.NEUTRAL
            sentence = LATE[channel_of(message.kind)]
            yield AttentionItem(
                AttentionReason.LATE, sentence, message.since, mark, voter=message.voter, case=message.case
            )

    def _to_call(self, transaction: Transaction) -> Iterator[AttentionItem]:
        for written in transaction.journal.voters_to_call(MOST_SHOWN):
            yield self._item_of_event(AttentionReason.CALL, written.event)

    def _parked(self, transaction: Transaction) -> Iterator[AttentionItem]:
        for message in transaction.outbox.parked(MOST_SHOWN):
            sentence = PARKED[channel_of(message.kind)]
            yield AttentionItem(AttentionReason.PARKED, sentence, message.since, voter=message.voter, case=message.case)

    def _bounced(self, transaction: Transaction) -> Iterator[AttentionItem]:
        seen = set[str | None]()
        for event in (written.event for written in transaction.journal.bounced_mail_events(MOST_SHOWN)):
            case = None if event.case is None else transaction.recoveries.by_number(event.case)
            if event.case in seen or case is None or self.flows.is_completed(case.flow, case.state):
                continue
            seen.add(event.case)
            yield self._item_of_event(AttentionReason.BOUNCED, event)

    def _item_of_event(self, reason: AttentionReason, event: Event) -> AttentionItem:
        line = self.flows.timeline_texts.line(event.act, event.reason, event.agent)
        return AttentionItem(reason, line.sentence, event.at, line.mark, voter=event.voter, case=event.case)

    def _frozen(self, transaction: Transaction) -> Iterator[AttentionItem]:
        for voter in transaction.voters.frozen(FROZEN_SHOWN):
            assert voter.frozen is not None  # noqa: S101  # the query returns frozen voters only
            name = f"{voter.first_name} {voter.last_name}"
            yield AttentionItem(AttentionReason.FROZEN, FROZEN, voter.frozen, voter=voter.voter, name=name)

    def _counts(self, transaction: Transaction) -> tuple[Text, ...]:
        now = self.dependencies.clock.now()
        with self._lock:
            day = self._today_so_far(transaction, now)
            if day.counted is None or not timedelta(0) <= now - day.counted < COUNTED_AGAIN_AFTER:
                tally = transaction.journal.count_events(after=day.line, recent=now - SETTLES_AFTER)
                day.line, day.counted = tally.line, now
                day.settled.update(_by_act(tally.settled))
                day.counts = day.settled + _by_act(tally.fresh)
            counts = day.counts
        return tuple(sentence(counts[act]) for act, sentence in COUNTS.items())

    def _today_so_far(self, transaction: Transaction, now: datetime) -> _Day:
        midnight = self.dependencies.calendar.to_local(now).replace(hour=0, minute=0, second=0, microsecond=0)
        if self._day is None or self._day.began != midnight:
            self._day = _Day(midnight, transaction.journal.last_line_before(midnight))
        return self._day


def _by_act(counts: Mapping[tuple[str, str | None], int]) -> Counter[str]:
    found = Counter[str]()
    for (act, _), count in counts.items():
        found[act] += count
    return found
