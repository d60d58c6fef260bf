"""Sends the messages of one channel over a limited number of connections.

While answers come within 20 ms, one message is under way at a time, so that a courier that is killed sends at most that one twice.
While answers take longer, each connection may have one, so that a slow relay does not hold up the messages behind.
"""

from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from threading import Thread
from time import monotonic
from typing import Generic, TypeVar

from core.delivery.retry_backoff import RetryBackoff
from core.ports import SendPostponed, SendResult, Transport

SLOW_SECONDS = 0.02
WAIT_SECONDS = 0.2
"""The longest wait for one answer, since other answers may have to be recorded."""
LONGEST_LIMIT_SECONDS = 60.0
"""The longest time without a further connection after the relay refused one."""

OnResult = Callable[["Future[SendResult]"], None]
M = TypeVar("M")


@dataclass(eq=False, slots=True)
class _Sending(Generic[M]):
    """A message under way."""

    transport: Transport[M]
    message: M
    on_result: OnResult
    clock: Callable[[], float]
    began: float
    seconds: float = 0.0
    future: "Future[SendResult]" = field(default_factory=Future)

    def run(self) -> None:
        """Send it, in whatever thread this is."""
        began = self.clock()
        try:
            answer = self.transport.send(self.message)
        except BaseException as error:  # noqa: BLE001  # raised again where the result is asked for
            self.future.set_exception(error)
        else:
            self.seconds = self.clock() - began
            self.future.set_result(answer)


class SenderPool(Generic[M]):
    """Connections of one channel. Not thread-safe; `on_result` is called in the caller's thread.

    The first connection is used by the caller's thread, for messages that go one at a time. Each of the others has a thread
    while it sends.
    """

    def __init__(
        self,
        first: Transport[M],
        connect: Callable[[], Transport[M]] | None = None,
        *,
        connections: int = 1,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """`connect` makes another transport like `first`. `clock` counts seconds."""
        self._first = first
        self._connect = connect or (lambda: first)
        self._others = 0 if connect is None else connections - 1
        self._clock = clock
        self._slow = False
        self._limited = RetryBackoff(LONGEST_LIMIT_SECONDS, clock)
        self._idle: list[Transport[M]] = []
        self._under_way: list[_Sending[M]] = []

    @property
    def busy(self) -> bool:
        """Return whether a message is under way."""
        return bool(self._under_way)

    @property
    def oldest_send_seconds(self) -> float:
        """Return how many seconds the oldest message has been under way."""
        return max((self._clock() - each.began for each in self._under_way), default=0.0)

    def submit(self, message: M, on_result: OnResult, while_waiting: Callable[[], None] = lambda: None) -> None:
        """Send a message, after waiting for a free connection; `while_waiting` is called while no answer comes.

        `on_result` gets the answer now, or in a later `submit`, `poll` or `wait`. Each of them raises what `on_result` raises.
        """
        self.report_answers()
        while len(self._under_way) >= max(self._usable, 1):
            if not self.wait_for_answer(WAIT_SECONDS):
                while_waiting()
        if not self._usable:
            self._send_now(message, on_result)
            return
        transport = self._idle.pop() if self._idle else self._connect()
        sending = _Sending(transport, message, on_result, self._clock, self._clock())
        self._under_way.append(sending)
        _in_thread(sending.run)

    def report_answers(self) -> bool:
        """Report the answers that have come. Return whether there were any."""
        answered = [each for each in self._under_way if each.future.done()]
        for sending in answered:
            self._under_way.remove(sending)
            self._conclude(sending)
        return bool(answered)

    def wait_for_answer(self, seconds: float | None = None) -> bool:
        """Wait for an answer, and report those that have come. Return whether there were any."""
        wait([each.future for each in self._under_way], seconds, FIRST_COMPLETED)
        return self.report_answers()

    def reachable(self) -> bool:
        """Return whether a message would be taken now. While some are under way, their answers will tell."""
        return bool(self._under_way) or self._first.reachable()

    def close(self) -> None:
        """Close all connections. Answers that have not come yet are not reported."""
        for sending in self._under_way:
            sending.future.add_done_callback(lambda _, transport=sending.transport: transport.close())  # type: ignore[misc]
        self._under_way.clear()
        closing = self._close_idle()
        self._first.close()
        for thread in closing:
            thread.join()

    @property
    def _usable(self) -> int:
        """Return how many connections besides the first may send at once; 0 while messages go one at a time."""
        if not self._slow:
            return 0
        return len(self._idle) + len(self._under_way) if self._limited.active else self._others

    def _send_now(self, message: M, on_result: OnResult) -> None:
        sending = _Sending(self._first, message, on_result, self._clock, self._clock())
        sending.run()
        if _unreached(sending.future):
            self._close_idle()  # a relay that limits connections may refuse the first one because of the others
        self._report(sending)

    def _conclude(self, sending: _Sending[M]) -> None:
        """Handle a result of another connection than the first; one that reaches no relay may only be one too many."""
        if _unreached(sending.future):
            self._limited.failed()
            _in_thread(sending.transport.close)
            self._send_now(sending.message, sending.on_result)
            return
        if sending.future.exception() is None:
            self._idle.append(sending.transport)
        else:
            _in_thread(sending.transport.close)
        self._report(sending)

    def _report(self, sending: _Sending[M]) -> None:
        """Report a result and decide how many go next: one at a time after a prompt answer, or a postponement."""
        future = sending.future
        postponed = future.exception() is None and isinstance(future.result(), SendPostponed)
        self._slow = sending.seconds > SLOW_SECONDS and not postponed
        sending.on_result(future)

    def _close_idle(self) -> list[Thread]:
        """Close the idle connections, each in a thread: a relay may be slow over that too."""
        closing = [thread for each in self._idle if (thread := _in_thread(each.close)) is not None]
        self._idle.clear()
        return closing


def _unreached(future: "Future[SendResult]") -> bool:
    """Return whether no relay could be spoken with."""
    if future.exception() is not None:
        return False
    answer = future.result()
    return isinstance(answer, SendPostponed) and not answer.answered


def _in_thread(work: Callable[[], None]) -> Thread | None:
    """Start a thread; where the system gives none, do the work now."""
    thread = Thread(target=work)
    try:
        thread.start()
    except RuntimeError:
        work()
        return None
    return thread
