"""How the messages of one channel are handed on: one after the other while each is taken at once, several while that takes long.

So a relay that is slow over each message does not hold back those behind it; and a courier that is killed has as few on their
way as can be, since these go twice: one, where relays are prompt.
"""

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import Generic, TypeVar

from core.courier.hand import Answer, Hand, Heard, Taker
from core.ports import Postponed, Sent

PROMPT_SECONDS = 0.02
"""Fifty messages a second, one after the other. Each answer that takes longer lets one more be on its way, each other one fewer."""
TURNED_AWAY_SECONDS = 2.0
"""Whoever cannot be spoken with so soon refuses one connection too many; whoever takes longer to say so is silent or gone."""
CROWDED_SECONDS = 30.0
"""How long no further connection is tried then, and how long one that is not needed is kept."""

Told = Callable[[Callable[[], Answer]], None]
"""Is given what tells the answer, or raises what handing the message on raised."""
M = TypeVar("M")


@dataclass(frozen=True, slots=True)
class _Errand(Generic[M]):
    hand: Hand[M]
    message: M
    told: Told
    began: float


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
        """`another` makes one more like `first`; with it there are at most so many. `clock` counts seconds."""
        self._first = first
        self._another = another or (lambda: first)
        self._others = 0 if another is None else most - 1
        self._clock = clock
        self._relay: str | None = None
        self._abreast = 1
        self._free: list[Hand[M]] = []
        self._under_way: dict[Future[Heard], _Errand[M]] = {}
        self._crowded_until = self._needed_until = clock()

    @property
    def full(self) -> bool:
        """Whether an answer is to be waited for before the next message."""
        return len(self._under_way) >= self._abreast

    @property
    def busy(self) -> bool:
        """Whether a message is on its way."""
        return bool(self._under_way)

    @property
    def held_seconds(self) -> float:
        """How long the oldest of them has been."""
        return max((self._clock() - each.began for each in self._under_way.values()), default=0.0)

    def carry(self, message: M, told: Told) -> None:
        """Hands it on: `told` is called at once, or during a later `carry`, `look` or `hear`. Raises what `told` raises."""
        self.look()
        while self.full:
            self.hear()
        if self._abreast == 1:
            told(partial(self._sent_by_first, message))
        else:
            self._give(message, told)

    def look(self) -> bool:
        """Tells the answers that have come, if any have."""
        come = [each for each in self._under_way if each.done()]
        for ended in come:
            errand = self._under_way.pop(ended)
            errand.told(partial(self._answer, errand, ended))
        if not self._under_way and self._clock() > self._needed_until:
            self._let_go()
        return bool(come)

    def hear(self, seconds: float | None = None) -> bool:
        """Waits for an answer, so long at the most, and tells what has come, if anything has."""
        wait(self._under_way, seconds, FIRST_COMPLETED)
        return self.look()

    def reachable(self) -> bool:
        """Whether a message would be taken now: where some are on their way, that is seen when they come back."""
        return self.busy or self._first.reachable()

    def close(self) -> None:
        """Lets all connections go. What is on its way still is not heard of."""
        hands = [*self._free, *(each.hand for each in self._under_way.values())]
        for hand in hands:
            hand.let_go()
        self._first.close()
        for hand in hands:
            hand.wait_until_gone()
        self._free.clear()
        self._under_way.clear()

    def _give(self, message: M, told: Told) -> None:
        try:
            hand = self._free.pop() if self._free else Hand(self._another(), self._clock)
        except RuntimeError:
            self._crowded()
            told(partial(self._sent_by_first, message))
            return
        now = self._clock()
        self._needed_until = now + CROWDED_SECONDS
        self._under_way[hand.give(message)] = _Errand(hand, message, told, now)

    def _answer(self, errand: _Errand[M], ended: "Future[Heard]") -> Answer:
        try:
            heard = ended.result()
        except BaseException:
            errand.hand.let_go()
            raise
        if self._serves_on(heard.answer):
            self._free.append(errand.hand)
            return self._noted(heard)
        errand.hand.let_go()
        self._crowded()
        if isinstance(heard.answer, Sent) or heard.whole > TURNED_AWAY_SECONDS:
            return self._noted(heard)
        return self._sent_by_first(errand.message)

    def _serves_on(self, answer: Answer) -> bool:
        """Not one that was turned away, nor one that found room with a relay that is only the next in order.

        One hand too many is no trouble of the relay's: what counts is the word of the first, which was there before.
        """
        elsewhere = isinstance(answer, Sent) and self._relay not in {None, answer.relay}
        return not elsewhere and not _unheard(answer)

    def _crowded(self) -> None:
        self._crowded_until = self._clock() + CROWDED_SECONDS
        self._abreast = max(1, min(self._abreast, len(self._free) + len(self._under_way)))

    def _sent_by_first(self, message: M) -> Answer:
        began = self._clock()
        answer = self._first.send(message)
        if isinstance(answer, Sent):
            self._relay = answer.relay
        return self._noted(Heard(answer, self._clock() - began, 0.0))

    def _noted(self, heard: Heard) -> Answer:
        """A relay that puts messages off may do so because there are many; connections that wait keep others from it."""
        if _unheard(heard.answer):
            self._abreast = 1
            self._let_go()
        elif isinstance(heard.answer, Postponed):
            self._abreast = max(self._abreast // 2, 1)
        elif heard.handing <= PROMPT_SECONDS:
            self._abreast = max(self._abreast - 1, 1)
        elif self._abreast < self._widest():
            self._abreast += 1
        return heard.answer

    def _widest(self) -> int:
        crowded = self._clock() < self._crowded_until
        return len(self._free) + len(self._under_way) if crowded else self._others

    def _let_go(self) -> None:
        for hand in self._free:
            hand.let_go()
        self._free.clear()


def _unheard(answer: Answer) -> bool:
    return isinstance(answer, Postponed) and not answer.answered
