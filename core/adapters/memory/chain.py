"""Its chain and its checkpoints."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from core.adapters.memory.shelf import Port
from core.journal import form
from core.ports import CHECKPOINT_CASES, ChainEnd, Checkpoint, Event, Gap, Line, Moved, Pending, Seal


class MemoryChain(Port):
    """The port Chain."""

    def end(self) -> ChainEnd:
        last = self._shelf.seals.get(max(self._shelf.seals, default=0))
        position, digest = (0, form.GENESIS) if last is None else (last.position, last.digest)
        return ChainEnd(position, digest, self._reached(), tuple(self._shelf.gaps.values()))

    def unsealed(self, end: ChainEnd, *, limit: int) -> list[Line]:
        return [_line(each) for each in self._waiting(end.reached)][:limit]

    def seal(self, end: ChainEnd, seals: Sequence[Seal], gaps: Sequence[Gap]) -> None:
        sealed = {seal.line for seal in self._shelf.seals.values()}
        if end.position != max(self._shelf.seals, default=0) or not sealed.isdisjoint(seal.line for seal in seals):
            raise Moved
        self._shelf.seals.update({seal.position: seal for seal in seals})
        self._shelf.gaps = {gap.first: gap for gap in gaps}

    def seals(self, *, after: int = 0) -> Iterator[tuple[Seal, Line | None]]:
        for position, seal in sorted(self._shelf.seals.items()):
            if position > after:
                event = self._shelf.events.get(seal.line)
                yield seal, None if event is None else _line((seal.line, event))

    def strays(self) -> Iterator[Line]:
        waiting = dict(self._waiting(self._reached()))
        sealed = {seal.line for seal in self._shelf.seals.values()}
        return (_line(each) for each in self._shelf.events.items() if each[0] not in waiting.keys() | sealed)

    def tail(self) -> Pending:
        return _pending(event for _, event in self._waiting(self._reached()))

    def unattested(self, *, after: int) -> Pending:
        lines = (seal.line for position, seal in self._shelf.seals.items() if position > after)
        events = (self._shelf.events[line] for line in lines if line in self._shelf.events)
        return _pending(event for event in events if not (event.case or "").startswith(CHECKPOINT_CASES))

    def attest(self, checkpoint: Checkpoint) -> None:
        if checkpoint.number in self._shelf.checkpoints:
            raise Moved
        self._shelf.checkpoints[checkpoint.number] = checkpoint

    def checkpoint(self, number: int | None = None) -> Checkpoint | None:
        wanted = max(self._shelf.checkpoints, default=0) if number is None else number
        return self._shelf.checkpoints.get(wanted)

    def checkpoints(self) -> list[Checkpoint]:
        return [checkpoint for _, checkpoint in sorted(self._shelf.checkpoints.items())]

    def _reached(self) -> int:
        return max((seal.line for seal in self._shelf.seals.values()), default=0)

    def _waiting(self, reached: int) -> list[tuple[int, Event]]:
        sealed = {seal.line for seal in self._shelf.seals.values()}
        gaps = self._shelf.gaps.values()

        def waits(line: int) -> bool:
            return line > reached or (line not in sealed and any(gap.first <= line <= gap.last for gap in gaps))

        return [(line, event) for line, event in sorted(self._shelf.events.items()) if waits(line)]


def _line(numbered: tuple[int, Event]) -> Line:
    number, event = numbered
    return Line(number, msgspec.structs.asdict(event))


def _pending(events: Iterable[Event]) -> Pending:
    moments = [event.at for event in events]
    return Pending(len(moments), min(moments, default=None))
