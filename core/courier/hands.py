"""How the messages of one channel are handed on: one after the other while each is taken at once, several while that takes long.

So a relay that is slow over each message does not hold back those behind it; and a courier that is killed has as few on their
way as can be, since these go twice: one, where relays are prompt.
"""

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import Generic, Protocol, TypeVar

from core.ports import Postponed, Refused, Sent

PROMPT_SECONDS = 0.02
"""Fifty messages a second, one after the other. Each answer that takes longer lets one more be on its way, each other one fewer."""
TURNED_AWAY_SECONDS = 30.0
"""How long no further connection is tried at a relay that has just refused one."""

Answer = Sent | Refused | Postponed
Told = Callable[[Callable[[], Answer]], None]
"""Is given what tells the answer, or raises what handing the message on raised."""
M = TypeVar("M")
M_contra = TypeVar("M_contra", contravariant=True)


class Taker(Protocol[M_contra]):
    """A Carrier or Gateways."""

    def send(self, message: M_contra, /) -> Answer:
        """One try."""

    def reachable(self) -> bool:
        """Whether it would take a message now."""

    def close(self) -> None:
        """Lets its connections go."""


@dataclass(frozen=True, slots=True)
class _Errand(Generic[M]):
    taker: Taker[M]
    message: M
    told: Told


class Hands(Generic[M]):
    """Those of one channel, for one thread; whoever is told an answer is told it in that thread."""

    def __init__(
        self,
        first: Taker[M],
        another: Callable[[], Taker[M]] | None = None,
        *,
        most: int = 1,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """`another` makes one more like `first`, and `most` messages may be on their way at once; `clock` counts seconds."""
        self._first = first
        self._another = another or (lambda: first)
        self._most = 1 if another is None else most
        self._clock = clock
        self._abreast = 1
        self._free: list[Taker[M]] = []
        self._under_way: dict[Future[tuple[Answer, float]], _Errand[M]] = {}
        self._crowded_until = 0.0
        self._pool: ThreadPoolExecutor | None = None

    def carry(self, message: M, told: Told) -> None:
        """Hands it on: `told` is called at once, or during a later `carry`, `look` or `finish`. Raises what `told` raises."""
        self.look()
        while len(self._under_way) >= self._abreast and self._under_way:
            self._wait_for_one()
        if self._abreast == 1 and not self._under_way:
            told(partial(self._sent_by_first, message))
        else:
            self._give(message, told)

    def look(self) -> None:
        """Tells the answers that have come."""
        for errand in [each for each in self._under_way if each.done()]:
            self._tell(errand)

    def finish(self) -> None:
        """Waits for all answers, and tells them."""
        while self._under_way:
            self._wait_for_one()

    def reachable(self) -> bool:
        """Whether a message would be taken now: where some are on their way, that is seen when they come back."""
        return bool(self._under_way) or self._first.reachable()

    def close(self) -> None:
        """Lets all connections go; nothing is on its way any more."""
        if self._pool is not None:
            self._pool.shutdown()
        for taker in (self._first, *self._free):
            taker.close()
        self._free.clear()

    def _wait_for_one(self) -> None:
        wait(self._under_way, return_when=FIRST_COMPLETED)
        self.look()

    def _give(self, message: M, told: Told) -> None:
        taker = self._free.pop() if self._free else self._another()
        self._pool = self._pool or ThreadPoolExecutor(self._most, "hand")
        self._under_way[self._pool.submit(self._timed, taker, message)] = _Errand(taker, message, told)

    def _tell(self, ended: "Future[tuple[Answer, float]]") -> None:
        errand = self._under_way.pop(ended)
        errand.told(partial(self._answer, errand, ended))

    def _answer(self, errand: _Errand[M], ended: "Future[tuple[Answer, float]]") -> Answer:
        try:
            answer, seconds = ended.result()
        except BaseException:
            errand.taker.close()
            raise
        if _unheard(answer):
            return self._instead(errand)
        self._free.append(errand.taker)
        return self._noted(answer, seconds)

    def _instead(self, errand: _Errand[M]) -> Answer:
        """One hand too many is no trouble of the relay's: the word of the first, which was there before, is what counts."""
        with suppress(OSError):
            errand.taker.close()
        self._crowded_until = self._clock() + TURNED_AWAY_SECONDS
        self._abreast = self._widest()
        return self._sent_by_first(errand.message)

    def _sent_by_first(self, message: M) -> Answer:
        return self._noted(*self._timed(self._first, message))

    def _timed(self, taker: Taker[M], message: M) -> tuple[Answer, float]:
        began = self._clock()
        return taker.send(message), self._clock() - began

    def _noted(self, answer: Answer, seconds: float) -> Answer:
        if _unheard(answer):
            self._abreast = 1
        elif seconds > PROMPT_SECONDS:
            self._abreast = min(self._abreast + 1, self._widest())
        else:
            self._abreast = max(self._abreast - 1, 1)
        return answer

    def _widest(self) -> int:
        crowded = self._clock() < self._crowded_until
        return max(1, len(self._free) + len(self._under_way)) if crowded else self._most


def _unheard(answer: Answer) -> bool:
    return isinstance(answer, Postponed) and not answer.answered
