"""The figures of the desk: each line of the journal is counted once, however it comes, by slices of a bounded length."""

import pytest

from core.desk import incremental_journal_counts
from core.desk.incremental_journal_counts import IncrementalJournalCounts, bucket_of
from core.ports import Actor, Event, EventType
from core.ports.desk_overview_counts import JournalSliceCounts
from tests.support.worlds import World


def test_each_line_is_counted_once_by_bounded_slices(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Old lines look after look, new ones at once, and those that are not settled anew each time."""
    monkeypatch.setattr(incremental_journal_counts, "SLICE", 4)
    began, figures = world.clock.now(), IncrementalJournalCounts(kept=frozenset({EventType.ASKED}))
    refused = (EventType.CALLER_REFUSED, "why", None)

    def write(count: int) -> None:
        with world.store.write() as transaction:
            for _ in range(count):
                now = world.clock.now()
                transaction.journal.write(Event(at=now, actor=Actor.VOTER, act=EventType.ASKED))
                transaction.journal.write(
                    Event(at=now, actor=Actor.AGENT, act=EventType.CALLER_REFUSED, reason="why", agent="lou")
                )

    def look() -> tuple[int, int]:
        read: list[int] = []
        with world.store.read() as transaction:
            port = transaction.figures
            count = port.count_slice

            def counted(after: int, until: int) -> JournalSliceCounts:
                read.append(until - after)
                return count(after, until)

            monkeypatch.setattr(type(port), "count_slice", lambda _, after, until: counted(after, until))
            figures.count_new_lines(transaction, world.clock.now())
            monkeypatch.undo()
            monkeypatch.setattr(incremental_journal_counts, "SLICE", 4)
        assert max(read) <= 4
        end = bucket_of(world.clock.now()) + 1
        return sum(figures.counts(EventType.ASKED, bucket_of(began), end, 1)), figures.count_failures(None)[refused]

    write(5)
    world.clock.move(minutes=30)
    seen = [look() for _ in range(4)]
    assert seen[-1] == (5, 5)
    assert seen[0] == (2, 2), "the newest first"
    assert figures.is_complete
    write(2)
    assert look() == look() == (7, 7), "fresh lines are counted anew"
    world.clock.move(minutes=3)
    assert look() == look() == (7, 7)
    world.clock.move(minutes=60 * 26)
    write(1)
    assert look() == (8, 8)
    assert figures.count_failures(bucket_of(world.clock.now()))[refused] == 1
    assert figures.last_line_by_agent_and_event()["lou"][EventType.CALLER_REFUSED].at == world.clock.now()
