"""The desk's home: what needs attention now, and the day's counts."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from threading import Lock

from core.ports import EVERYWHERE, Act, Transaction
from core.recovery import Completed
from core.service.budgets import SmsBudgets, Tightness
from core.service.desk.proofs import Duty, Proofs
from core.service.tools import Tools
from core.text import Text
from core.words import desk_home as words
from core.words.timeline import Mark, told

SHOWN = 20
SETTLES_AFTER = timedelta(minutes=5)
"""A line of the journal older than this can be joined by none before it (`Journal.tally`)."""
MANY_LATE = 20
"""From so many on, it is the relays that need looking at, not the cases."""
COUNTED = {
    Act.ASKED: words.asked,
    Act.PASSWORD_CHOSEN: words.chosen,
    Act.CALLER_VERIFIED: words.calls,
    Act.MAIL_BOUNCED: words.bounced,
    Act.FROZEN: words.frozen,
}


class Need(StrEnum):
    """Why something is on the list."""

    BUDGET = "budget"
    BACKLOG = "backlog"
    LATE = "late"
    PARKED = "parked"
    BOUNCED = "bounced"
    FROZEN = "frozen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attention:
    """A line of the list: what, since when (in the election's zone), and where it leads."""

    need: Need
    sentence: Text
    mark: Mark
    since: datetime
    voter: int | None = None
    name: str | None = None
    case: str | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """The home, as it stands now."""

    attention: tuple[Attention, ...]
    counts: tuple[Text, ...]


@dataclass
class _Day:
    """What was counted of a day; of the journal only new lines are read."""

    began: datetime
    line: int
    settled: Counter[str] = field(default_factory=Counter)


@dataclass
class Home:
    """The list and the counts."""

    tools: Tools
    proofs: Proofs
    _day: _Day | None = field(default=None, init=False)
    _one_at_a_time: Lock = field(default_factory=Lock, init=False)

    def look(self, duty: Duty) -> Overview:
        """What needs attention, the gravest first, and today's counts. Raises DutyOver."""
        self.proofs.require_duty(duty)
        with self.tools.store.read() as transaction:
            attention = tuple(self._attention(transaction))
            counts = self._counts(transaction)
        return Overview(attention, counts)

    def _attention(self, transaction: Transaction) -> Iterator[Attention]:
        yield from self._budgets(transaction)
        yield from self._late(transaction)
        yield from self._parked(transaction)
        yield from self._bounced(transaction)
        yield from self._frozen(transaction)

    def _budgets(self, transaction: Transaction) -> Iterator[Attention]:
        """What is nearly spent, and what is: voters are refused then, until midnight."""
        now = self.tools.clock.now()
        for budget in SmsBudgets(self.tools).standing(transaction, now):
            if budget.tightness is not Tightness.FINE:
                spent = budget.tightness is Tightness.SPENT
                country = None if budget.scope == EVERYWHERE else budget.scope
                sentence = words.budget(country, budget.sent, budget.allowed, spent=spent)
                yield self._line(Need.BUDGET, sentence, Mark.BAD if spent else Mark.NEUTRAL, now)

    def _late(self, transaction: Transaction) -> Iterator[Attention]:
        before = self.tools.clock.now() - timedelta(minutes=self.tools.policy.desk_late_minutes)
        late = transaction.outbox.late(before, MANY_LATE)
        if len(late) == MANY_LATE:
            waiting = transaction.outbox.backlog().waiting
            yield self._line(
                Need.BACKLOG, words.backlog(waiting, {each.kind.channel for each in late}), Mark.BAD, late[0].since
            )
            return
        for each in late:
            yield self._line(Need.LATE, words.LATE, Mark.NEUTRAL, each.since, voter=each.voter, case=each.case)

    def _parked(self, transaction: Transaction) -> Iterator[Attention]:
        for each in transaction.outbox.parked(SHOWN):
            yield self._line(
                Need.PARKED, words.PARKED[each.kind.channel], Mark.BAD, each.since, voter=each.voter, case=each.case
            )

    def _bounced(self, transaction: Transaction) -> Iterator[Attention]:
        """Unless the voter got through in spite of it."""
        seen = set[str | None]()
        for event in (written.event for written in transaction.journal.bounced(SHOWN)):
            case = None if event.case is None else transaction.recoveries.by_number(event.case)
            if event.case in seen or case is None or isinstance(case.state, Completed):
                continue
            seen.add(event.case)
            line = told(event.act, event.reason, event.agent, notice=False)
            yield self._line(Need.BOUNCED, line.sentence, line.mark, event.at, voter=event.voter, case=event.case)

    def _frozen(self, transaction: Transaction) -> Iterator[Attention]:
        for each in transaction.voters.frozen(SHOWN):
            assert each.frozen is not None  # noqa: S101  # that is what was asked for
            yield self._line(
                Need.FROZEN,
                words.FROZEN,
                Mark.BAD,
                each.frozen,
                voter=each.voter,
                name=f"{each.first_name} {each.last_name}",
            )

    def _line(
        self,
        need: Need,
        sentence: Text,
        mark: Mark,
        since: datetime,
        *,
        voter: int | None = None,
        name: str | None = None,
        case: str | None = None,
    ) -> Attention:
        at = self.tools.calendar.local(since)
        return Attention(need=need, sentence=sentence, mark=mark, since=at, voter=voter, name=name, case=case)

    def _counts(self, transaction: Transaction) -> tuple[Text, ...]:
        now = self.tools.clock.now()
        with self._one_at_a_time:
            day = self._of_today(transaction, now)
            tally = transaction.journal.tally(after=day.line, recent=now - SETTLES_AFTER)
            day.line = tally.line
            day.settled.update(_by_act(tally.settled))
            counts = day.settled + _by_act(tally.fresh)
        return tuple(say(counts[act]) for act, say in COUNTED.items())

    def _of_today(self, transaction: Transaction, now: datetime) -> _Day:
        midnight = self.tools.calendar.local(now).replace(hour=0, minute=0, second=0, microsecond=0)
        if self._day is None or self._day.began != midnight:
            self._day = _Day(midnight, transaction.journal.line_at(midnight))
        return self._day


def _by_act(counts: Mapping[tuple[str, str | None], int]) -> Counter[str]:
    found = Counter[str]()
    for (act, _), count in counts.items():
        found[act] += count
    return found
