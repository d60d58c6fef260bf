"""Counts journal events, newest first, and keeps the counts in memory."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.ports import Transaction
from core.ports.desk_counts import BUCKET, AgentLastEvent, JournalSliceCounts
from core.ports.journal import SETTLES_AFTER

SLICE = 50_000
"""Maximum number of journal lines that one query counts."""
FINE = timedelta(hours=25)
"""Failures that are more recent than this are counted in short intervals."""
FailureKey = tuple[str, str | None, str | None]


@dataclass
class IncrementalJournalCounts:
    """Keeps counts of journal events. Lines after `high` are recounted at every update."""

    kept: frozenset[str]
    """The event types that are counted per time bucket."""
    low: int | None = None
    high: int = 0
    acts: Counter[tuple[int, str]] = field(default_factory=Counter)
    failures: Counter[tuple[int, FailureKey]] = field(default_factory=Counter)
    older_failures: Counter[FailureKey] = field(default_factory=Counter)
    last_events: dict[str, AgentLastEvent] = field(default_factory=dict)
    fresh: JournalSliceCounts = field(default_factory=lambda: JournalSliceCounts((), (), ()))
    oldest: int | None = None

    @property
    def counts_from_first_line(self) -> bool:
        return self.low == 0

    def count_new_lines(self, transaction: Transaction, now: datetime) -> None:
        """Count new journal events, and the events of up to `SLICE` older lines."""
        settled = transaction.journal.last_line_before(now - SETTLES_AFTER)
        if self.low is None:
            self.low = self.high = settled
        if settled > self.high:
            until = min(settled, self.high + SLICE)
            self._add(transaction.figures.count_slice(self.high, until), now)
            self.high = until
        if self.low > 0:
            first = max(0, self.low - SLICE)
            self._add(transaction.figures.count_slice(first, self.low), now)
            self.low = first
        last = transaction.figures.last_journal_line()
        self.fresh = transaction.figures.count_slice(max(self.high, last - SLICE), last)

    def _add(self, part: JournalSliceCounts, now: datetime) -> None:
        oldest_fine = bucket_of(now - FINE)
        for each in part.acts:
            if each.act in self.kept:
                self.acts[each.bucket, each.act] += each.count
            self.oldest = each.bucket if self.oldest is None else min(self.oldest, each.bucket)
        for failure in part.failures:
            self.failures[failure.bucket, (failure.act, failure.reason, failure.academie)] += failure.count
        for key in [key for key in self.failures if key[0] < oldest_fine]:
            self.older_failures[key[1]] += self.failures.pop(key)
        self.last_events = _with_later_events(self.last_events, part.traces)

    def counts(self, act: str, since: int, until: int, width: int) -> list[int]:
        """Return graph points for buckets `since` to `until`. Each point is the sum of `width` buckets."""
        points = [0] * max(1, -(-(until - since) // width))
        counted = [(bucket, count) for (bucket, kind), count in self.acts.items() if kind == act]
        counted += [(each.bucket, each.count) for each in self.fresh.acts if each.act == act]
        for bucket, count in counted:
            if since <= bucket < until:
                points[(bucket - since) // width] += count
        return points

    def count_failures(self, since: int | None) -> Counter[FailureKey]:
        found = Counter[FailureKey]() if since is not None else Counter(self.older_failures)
        for (bucket, key), count in self.failures.items():
            if since is None or bucket >= since:
                found[key] += count
        for each in self.fresh.failures:
            if since is None or each.bucket >= since:
                found[each.act, each.reason, each.academie] += each.count
        return found

    def last_event_by_agent(self) -> dict[str, AgentLastEvent]:
        return _with_later_events(self.last_events, self.fresh.traces)


def _with_later_events(known: dict[str, AgentLastEvent], found: Iterable[AgentLastEvent]) -> dict[str, AgentLastEvent]:
    in_order = sorted((*known.values(), *found), key=lambda each: each.line)
    return {each.agent: each for each in in_order}


def bucket_of(moment: datetime) -> int:
    return int(moment.timestamp() // BUCKET.total_seconds())
