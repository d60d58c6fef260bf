"""Kills random processes, and restarts those that a service manager would restart."""

import os
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random

from tests.support.local_kannel import BEARERBOX, SMSBOX, LocalKannel
from tests.support.postgres import Postgres
from tests.support.product import Installation, descendants, eventually

LONGEST_PAUSE_SECONDS = 4.0
LONGEST_OUTAGE_SECONDS = 2.0
CRASH_LOOP_SECONDS = 6.0
"""granian ends a site if a web process dies twice within 5.5 seconds. A service manager then restarts the site."""


@dataclass
class Killer:
    """Kills web processes, couriers, the SMS gateway and the database of some hosts."""

    hosts: Sequence[Installation]
    server: Postgres
    kannel: LocalKannel
    chance: Random
    done: list[str] = field(default_factory=list)
    worker_killed: float = field(default=-CRASH_LOOP_SECONDS, init=False)
    """Time on the monotonic clock at which the last web process was killed."""

    def work(self, enough: Callable[[], bool], *, least: float, most: float) -> None:
        """Kill processes for at least `least` seconds, until enough has been done, but for at most `most` seconds.

        Each kind of kill is equally frequent. After `least` seconds the pauses grow, because on a slow machine voters
        get nowhere if the service is killed again as soon as it has started.
        """
        began, hand = time.monotonic(), list[Callable[[], None]]()
        while (worked := time.monotonic() - began) < least or not (enough() or worked > most):
            time.sleep(self.chance.uniform(0, LONGEST_PAUSE_SECONDS) * max(1.0, worked / least))
            hand = hand or self.chance.sample(self.acts, len(self.acts))
            act = hand.pop()
            act()
            self.done.append(act.__name__)

    @property
    def acts(self) -> list[Callable[[], None]]:
        """Return all kinds of kills."""
        return [self.worker, self.site, self.courier, self.connection, self.database, self.smsbox, self.gateway]

    def worker(self) -> None:
        """Kill one web process. Its parent process starts another."""
        time.sleep(max(0.0, self.worker_killed + CRASH_LOOP_SECONDS - time.monotonic()))
        serve = self.chance.choice(self.hosts).parts["serve"]
        self._kill_one(descendants(serve.pid))
        self.worker_killed = time.monotonic()

    def site(self) -> None:
        """Kill a site with all its processes, and start it again."""
        self._again("serve")

    def courier(self) -> None:
        """Kill a courier, and start it again."""
        self._again("courier")

    def smsbox(self) -> None:
        """Kill smsbox, which talks to the couriers and sites. The reports in its memory are lost."""
        self.kannel.kill(SMSBOX)
        self.kannel.start(SMSBOX)

    def gateway(self) -> None:
        """Kill both processes of Kannel. Its spool restores the SMS that it has not passed on yet."""
        self.kannel.kill(BEARERBOX)
        self.kannel.kill(SMSBOX)
        self.kannel.start()

    def connection(self) -> None:
        """Kill one process of the database. The database then drops all connections, and recovers by itself.

        If a process is killed during a recovery, PostgreSQL stops, and nothing here would restart it.
        """
        eventually(lambda: self.server.accepts_connections, "the database's recovery")
        self._kill_one(self.server.processes)

    def database(self) -> None:
        """Kill the whole database, and start it again after a while."""
        self.server.kill()
        time.sleep(self.chance.uniform(0, LONGEST_OUTAGE_SECONDS))
        self.server.start()

    def _again(self, name: str) -> None:
        host = self.chance.choice(self.hosts)
        host.kill(name)
        host.start(name, ready=False)

    def _kill_one(self, pids: Sequence[int]) -> None:
        with suppress(ProcessLookupError):
            for pid in self.chance.sample(pids, min(1, len(pids))):  # perhaps no process has started yet
                os.kill(pid, signal.SIGKILL)
