"""The journal and its hash chain."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

import msgspec

from core.journal import canonical_line_json
from core.ports import (
    CHECKPOINT_CASES,
    ENDS_CALL,
    REASONED,
    REPORTED_AT_ONCE,
    REPORTED_OF_OPERATOR,
    Actor,
    ChainEnd,
    Checkpoint,
    Conflict,
    Event,
    EventType,
    JournalCounts,
    JournalFilter,
    JournalLine,
    LineGap,
    LineSeal,
    RecordedEvent,
    WaitingLinesCount,
)
from tests.support.memory.memory_state import MemoryPort


class MemoryJournal(MemoryPort):
    """The port Journal."""

    def write(self, event: Event) -> None:
        self._state.events[len(self._state.events) + 1] = event

    def of_case(self, number: str) -> list[Event]:
        return [event for event in self._state.events.values() if event.case == number]

    def case_history(self, number: str, limit: int) -> list[RecordedEvent]:
        return self._last(limit, lambda event: event.case == number)

    def voter_history(self, voter: int, limit: int) -> list[RecordedEvent]:
        cases = {number for number, whose in self._state.whose.items() if whose == voter}
        return self._last(limit, lambda event: event.voter == voter or event.case in cases)

    def page(self, wanted: JournalFilter, *, after: int, before: int, limit: int) -> list[RecordedEvent]:
        own = {number for number, whose in self._state.whose.items() if whose == wanted.voter}

        def matches(event: Event) -> bool:
            return (
                wanted.case in {None, event.case}
                and (wanted.voter in {None, event.voter} or event.case in own)
                and wanted.act in {None, event.act}
                and wanted.agent in {None, event.agent}
            )

        found = [RecordedEvent(line, event) for line, event in self._state.events.items() if after < line < before]
        return [each for each in reversed(found) if matches(each.event)][:limit]

    def bounced_mail_events(self, limit: int) -> list[RecordedEvent]:
        return self._last(limit, lambda event: event.act is EventType.MAIL_BOUNCED)[::-1]

    def voters_to_call(self, limit: int) -> list[RecordedEvent]:
        ends = {event.voter: line for line, event in self._state.events.items() if event.act in ENDS_CALL}
        calls = {line for line, event in self._state.events.items() if event.act is EventType.CALL_NEEDED}
        lines = sorted(calls & set(ends.values()))[:limit]
        return [RecordedEvent(line, self._state.events[line]) for line in lines]

    def last_line_before(self, moment: datetime) -> int:
        return max((line for line, event in self._state.events.items() if event.at < moment), default=0)

    def _last(self, limit: int, wanted: Callable[[Event], bool]) -> list[RecordedEvent]:
        found = [RecordedEvent(line, event) for line, event in self._state.events.items() if wanted(event)]
        return found[-limit:]

    def count_events(self, *, after: int, recent: datetime) -> JournalCounts:
        new = {line: event for line, event in self._state.events.items() if line > after}
        first_recent = min((line for line, event in new.items() if event.at >= recent), default=None)
        line = first_recent - 1 if first_recent is not None else max(new, default=after)
        return JournalCounts(
            line=line,
            settled=Counter(_kind(event) for number, event in new.items() if number <= line),
            fresh=Counter(_kind(event) for number, event in new.items() if number > line),
        )


def _kind(event: Event) -> tuple[str, str | None]:
    return str(event.act), event.reason if event.act in REASONED else None


class MemoryChain(MemoryPort):
    """The port JournalChain."""

    def end(self) -> ChainEnd:
        last = self._state.seals.get(max(self._state.seals, default=0))
        position, digest = (0, canonical_line_json.GENESIS) if last is None else (last.position, last.digest)
        return ChainEnd(position, digest, self._reached(), tuple(self._state.gaps.values()))

    def unsealed(self, end: ChainEnd, *, limit: int) -> list[JournalLine]:
        return [_line(each) for each in self._waiting(end.reached)][:limit]

    def seal(self, end: ChainEnd, seals: Sequence[LineSeal], gaps: Sequence[LineGap]) -> None:
        sealed = {seal.line for seal in self._state.seals.values()}
        if end.position != max(self._state.seals, default=0) or not sealed.isdisjoint(seal.line for seal in seals):
            raise Conflict
        self._state.seals.update({seal.position: seal for seal in seals})
        self._state.gaps = {gap.first: gap for gap in gaps}

    def seals(self, *, after: int = 0) -> Iterator[tuple[LineSeal, JournalLine | None]]:
        for position, seal in sorted(self._state.seals.items()):
            if position > after:
                event = self._state.events.get(seal.line)
                yield seal, None if event is None else _line((seal.line, event))

    def lines_outside_chain(self) -> Iterator[JournalLine]:
        waiting = dict(self._waiting(self._reached()))
        sealed = {seal.line for seal in self._state.seals.values()}
        return (_line(each) for each in self._state.events.items() if each[0] not in waiting.keys() | sealed)

    def count_unsealed(self) -> WaitingLinesCount:
        return _pending(event for _, event in self._waiting(self._reached()))

    def count_unattested(self, *, after: int) -> WaitingLinesCount:
        lines = (seal.line for position, seal in self._state.seals.items() if position > after)
        events = (self._state.events[line] for line in lines if line in self._state.events)
        return _pending(event for event in events if not (event.case or "").startswith(CHECKPOINT_CASES))

    def lines_to_report(self, *, after: int, until: int | None = None) -> list[tuple[int, JournalLine]]:
        sealed = [(seal.position, line) for seal, line in self.seals(after=after) if line is not None]
        reported = [each for each in sealed if _is_reported(each[1].columns)]
        return [each for each in reported if until is None or each[0] <= until]

    def digest_at(self, position: int) -> bytes | None:
        seal = self._state.seals.get(position)
        return None if seal is None else seal.digest

    def add_checkpoint(self, checkpoint: Checkpoint) -> None:
        if checkpoint.number in self._state.checkpoints:
            raise Conflict
        self._state.checkpoints[checkpoint.number] = checkpoint

    def checkpoint(self, number: int | None = None) -> Checkpoint | None:
        wanted = max(self._state.checkpoints, default=0) if number is None else number
        return self._state.checkpoints.get(wanted)

    def checkpoints(self) -> list[Checkpoint]:
        return [checkpoint for _, checkpoint in sorted(self._state.checkpoints.items())]

    def _reached(self) -> int:
        return max((seal.line for seal in self._state.seals.values()), default=0)

    def _waiting(self, reached: int) -> list[tuple[int, Event]]:
        sealed = {seal.line for seal in self._state.seals.values()}
        gaps = self._state.gaps.values()

        def waits(line: int) -> bool:
            return line > reached or (line not in sealed and any(gap.first <= line <= gap.last for gap in gaps))

        return [(line, event) for line, event in sorted(self._state.events.items()) if waits(line)]


def _line(numbered: tuple[int, Event]) -> JournalLine:
    number, event = numbered
    return JournalLine(number, msgspec.structs.asdict(event))


def _pending(events: Iterable[Event]) -> WaitingLinesCount:
    moments = [event.at for event in events]
    return WaitingLinesCount(len(moments), min(moments, default=None))


def _is_reported(columns: Mapping[str, object]) -> bool:
    by_operator = columns["act"] in REPORTED_OF_OPERATOR and columns["actor"] == Actor.OPERATOR
    return by_operator or columns["act"] in REPORTED_AT_ONCE
