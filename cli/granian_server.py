"""The web server of `retrouve serve`: granian, with limits for connections and a reload that loses nothing."""

import logging
import os
import resource
import signal
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer

from cli.stop_signal_handlers import is_started_in_terminal
from core.adapters import logs
from core.app.settings.sections import WebSection

CONNECTIONS = 4096
"""The most connections of a worker. An idle one costs a file and some kilobytes."""
OTHER_FILES = 256
"""Files that a worker needs beside its connections: modules, the database, logs."""
IDLE_SECONDS = 20
"""Seconds that a connection may stay without a complete request head, also between two requests.

It is longer than the proxy keeps a connection (deploy/nginx): one that ends while the proxy uses it loses a form.
"""
MOST_DEATHS_A_MINUTE = 10
"""Deaths of workers within a minute, after which the server ends and the service manager begins it again."""
SECONDS_A_MINUTE = 60
SECONDS_TO_FINISH = 40
"""Seconds in which a worker that is stopped or replaced answers what is under way; then it is killed.

A form may wait for its password to be hashed, and for the database: killed in between, it is done and its
voter is not told. The service manager waits longer (deploy/systemd).
"""
LAST_ANSWERS = signal.SIGUSR1
"""Tells a worker that another takes its place: it closes each connection with its next answer."""


class GranianServer(MPServer):
    """granian with our settings. `reread` reads the settings at SIGHUP: None when they are refused."""

    def __init__(self, target: str, web: WebSection, threads: int, reread: Callable[[], int | None]) -> None:
        super().__init__(
            target,
            address=web.host,
            port=web.port,
            interface=Interfaces.WSGI,
            workers=web.workers,
            blocking_threads=threads,
            backlog=1024,
            backpressure=raise_connection_limit(),
            # granian waits without a limit for the first byte where it also speaks HTTP/2, which no proxy does with us.
            http=HTTPModes.http1,
            http1_settings=HTTP1Settings(header_read_timeout=IDLE_SECONDS * 1000),
            respawn_failed_workers=True,
            workers_kill_timeout=SECONDS_TO_FINISH,
            log_level=LogLevels.warning,
            log_dictconfig=dict(logs.SERVER_LOGGING),
            factory=True,
        )
        self.respawned_wrks = ToleratedWorkerDeaths()
        self._reread = reread
        # granian warns of many threads; nearly all of ours only wait.
        logging.getLogger("_granian").addFilter(lambda record: "threads, which seems" not in record.getMessage())
        signal.signal(LAST_ANSWERS, signal.SIG_IGN)  # a worker that starts must not end by it
        # A worker that is stopped while it starts must stop.
        os.register_at_fork(after_in_child=lambda: signal.signal(signal.SIGTERM, signal.SIG_DFL))

    def signal_handler_reload(self, *_args: object, **_options: object) -> None:
        """Reload, or stop where SIGHUP means that the terminal was closed."""
        self.interrupt_signal = is_started_in_terminal()
        self.reload_signal = not self.interrupt_signal
        self.main_loop_interrupt.set()

    def _reload(self, spawn_target: Any, target_loader: Any) -> None:  # noqa: ANN401  # granian's signature
        """Replace each worker by one that reads the settings anew, unless they are refused."""
        threads = self._reread()
        if threads is None:
            self.reload_signal = False
            self.main_loop_interrupt.clear()
        else:
            self.blocking_threads = threads
            self._replace_workers(spawn_target, target_loader)
        if self.interrupt_signal or self.interrupt_children:
            self.main_loop_interrupt.set()  # which may have come just before it was cleared

    def _replace_workers(self, spawn_target: Any, target_loader: Any) -> None:  # noqa: ANN401  # granian's
        for worker in self.wrks:
            with suppress(ProcessLookupError):
                os.kill(worker.inner.pid, LAST_ANSWERS)
        super()._reload(spawn_target, target_loader)  # type: ignore[no-untyped-call]


class ToleratedWorkerDeaths(dict[int, float]):
    """Restart times of workers, answered so that granian tolerates some deaths: it ends when one dies twice within 5.5 s.

    A site that lives on with its other workers is better than none, unless they die all the time.
    """

    def __init__(self) -> None:
        super().__init__()
        self._deaths: deque[float] = deque(maxlen=MOST_DEATHS_A_MINUTE)

    def get(self, worker: int, default: float | None = None) -> float | None:  # type: ignore[override]  # granian's only use
        """Return when the worker was begun again, or long ago while few have died."""
        now = time.monotonic()
        often = len(self._deaths) == MOST_DEATHS_A_MINUTE and now - self._deaths[0] < SECONDS_A_MINUTE
        self._deaths.append(now)
        return super().get(worker, default) if often else default


def raise_connection_limit() -> int:
    """Raise this process's limit of open files as far as it may, and return the connections for which it is enough."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + OTHER_FILES
    files = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft < files:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
    return max(files - OTHER_FILES, files // 2)
