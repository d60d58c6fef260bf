"""One connection to a relay or an SMS gateway, and the thread that waits for its answers."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, NamedTuple, Protocol, TypeVar

from core.ports import Postponed, Refused, Sent

Answer = Sent | Refused | Postponed
M = TypeVar("M")
M_contra = TypeVar("M_contra", contravariant=True)


class Taker(Protocol[M_contra]):
    """A Carrier or Gateways."""

    def send(self, message: M_contra, /) -> Answer:
        """One try."""

    def reachable(self) -> bool:
        """Whether it would take a message now; a connection is there afterwards, where one can be had."""

    def close(self) -> None:
        """Lets its connections go."""


class Heard(NamedTuple):
    """An answer, and how long it took to come."""

    answer: Answer
    handing: float
    """Seconds that the relay took over the message."""
    whole: float
    """The same, and those before it could be spoken with."""


class Hand(Generic[M]):
    """A taker, and the thread that waits for its answers. Raises RuntimeError where no thread can be had."""

    def __init__(self, taker: Taker[M], clock: Callable[[], float]) -> None:
        self._taker = taker
        self._clock = clock
        self._greeted = False
        self._thread = ThreadPoolExecutor(1, "hand")
        self._thread.submit(int).result()  # begun before a message depends on it

    def give(self, message: M) -> Future[Heard]:
        """What comes of that message."""
        return self._thread.submit(self._send, message)

    def _send(self, message: M) -> Heard:
        began = handing = self._clock()
        if not self._greeted:
            self._greeted = self._taker.reachable()
            handing = self._clock()
        answer, over = self._taker.send(message), self._clock()
        return Heard(answer, over - handing, over - began)

    def let_go(self) -> None:
        """Hangs up, in its own time: a relay may be slow over that too."""
        self._thread.submit(self._taker.close)
        self._thread.shutdown(wait=False)

    def wait_until_gone(self) -> None:
        """After `let_go`."""
        self._thread.shutdown()
