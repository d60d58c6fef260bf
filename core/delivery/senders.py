from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from core.forms.flow_model import Channel


class CallersThread(Executor):
    """An executor that runs each job immediately in the calling thread."""

    def __init__(self, max_workers: int = 1) -> None:
        pass

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":  # noqa: ANN401  # as in Executor
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


@dataclass(slots=True)
class Senders:
    """Threads that send messages, at most `number` at the same time."""

    channel: Channel
    number: int
    threads: Executor
    under_way: "dict[Future[None], datetime]" = field(default_factory=dict, init=False)

    def free(self, now: datetime, patience: timedelta) -> int:
        """Return how many messages can be sent now. Returns 0 if a message is taking longer than `patience`."""
        self.under_way = {future: began for future, began in self.under_way.items() if not future.done()}
        if any(now - began > patience for began in self.under_way.values()):
            return 0
        return self.number - len(self.under_way)
