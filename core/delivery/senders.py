"""Threads that send the messages of one channel (mail or SMS)."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from core.forms.flow_model import Channel


class CallersThread(Executor):
    """An executor that runs each job at once in the calling thread, for tests and for taking the help's pictures."""

    def __init__(self, max_workers: int = 1) -> None:
        """Accept the argument of ThreadPoolExecutor and ignore it."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":  # noqa: ANN401  # as in Executor
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


@dataclass(slots=True)
class Senders:
    """The threads that send the messages of one channel. They send at most `number` messages at the same time."""

    channel: Channel
    number: int
    threads: Executor
    under_way: "dict[Future[None], datetime]" = field(default_factory=dict, init=False)
    """The jobs that are running, with the time at which each job began."""

    def free(self, now: datetime, patience: timedelta) -> int:
        """Return how many more messages can be sent now.

        Returns 0 if any message has been running for longer than `patience`. Otherwise, the claim on that message could
        end before its result is recorded, and this courier could claim and send the message a second time.
        """
        self.under_way = {future: began for future, began in self.under_way.items() if not future.done()}
        if any(now - began > patience for began in self.under_way.values()):
            return 0
        return self.number - len(self.under_way)
