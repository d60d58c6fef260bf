"""Counts of the journal and of the outbox."""

from collections import Counter

from core.ports import Actor, MessageState
from core.ports.overview_counts import (
    BUCKET,
    FAILURES,
    AgentLastEvent,
    EventCountInBucket,
    FailureCount,
    JournalSliceCounts,
    WaitingMessagesOfKind,
)
from tests.support.memory.memory_state import MemoryPort


class MemoryFigures(MemoryPort):
    """The port OverviewCounts."""

    def last_line(self) -> int:
        return max(self._state.events, default=0)

    def count_slice(self, after: int, until: int) -> JournalSliceCounts:
        acts, failures, traces = (
            Counter[tuple[int, str]](),
            Counter[tuple[object, ...]](),
            dict[object, AgentLastEvent](),
        )
        for line, event in self._state.events.items():
            if not after < line <= until:
                continue
            bucket = int(event.at.timestamp() // BUCKET.total_seconds())
            acts[bucket, str(event.act)] += 1
            if event.act in FAILURES:
                entry = None if event.voter is None else self._state.entries.get(event.voter)
                failures[bucket, event.act, event.reason, None if entry is None else entry.academie] += 1
            if event.agent is not None and event.actor is Actor.AGENT:
                traces[event.agent, event.act] = AgentLastEvent(event.agent, event.act, line, event.at)
        return JournalSliceCounts(
            tuple(EventCountInBucket(*key, count) for key, count in acts.items()),
            tuple(FailureCount(*key, count) for key, count in failures.items()),  # type: ignore[arg-type]  # as put in
            tuple(traces.values()),
        )

    def voter_of_line(self, line: int) -> int | None:
        event = self._state.events.get(line)
        return None if event is None else event.voter

    def waiting_messages_by_kind(self) -> list[WaitingMessagesOfKind]:
        found: dict[str, WaitingMessagesOfKind] = {}
        for parcel in self._state.parcels.values():
            if self._state.ends[parcel.id] is MessageState.WAITING:
                known = found.get(parcel.kind, WaitingMessagesOfKind(parcel.kind, 0, parcel.created))
                found[parcel.kind] = WaitingMessagesOfKind(
                    parcel.kind, known.waiting + 1, min(known.oldest, parcel.created)
                )
        return list(found.values())
