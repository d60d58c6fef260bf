"""Kills what runs at random instants, and starts again what a machine's own watch would start again."""

import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from random import Random

from cli.kannel import BEARERBOX, SMSBOX, Kannel
from tests.support.postgres import Postgres
from tests.support.product import Installation, descendants

LONGEST_PAUSE_SECONDS = 4.0
LONGEST_OUTAGE_SECONDS = 2.0


@dataclass(frozen=True)
class Crash:
    """Between these instants, on this machine's monotonic clock, the database died."""

    began: float
    ended: float


@dataclass
class Killer:
    """SIGKILL for web processes, couriers, the SMS gateway and the database of those hosts; `crashes` are when the latter died."""

    hosts: Sequence[Installation]
    server: Postgres
    kannel: Kannel
    chance: Random
    done: list[str] = field(default_factory=list)
    crashes: list[Crash] = field(default_factory=list)

    def work(self, seconds: float) -> None:
        """For that long, everything as often as everything else."""
        end, hand = time.monotonic() + seconds, list[Callable[[], None]]()
        while time.monotonic() < end:
            time.sleep(self.chance.uniform(0, LONGEST_PAUSE_SECONDS))
            hand = hand or self.chance.sample(self.acts, len(self.acts))
            act = hand.pop()
            act()
            self.done.append(act.__name__)

    @property
    def acts(self) -> list[Callable[[], None]]:
        """All that it can do."""
        return [self.worker, self.site, self.courier, self.connection, self.database, self.smsbox, self.gateway]

    def worker(self) -> None:
        """One web process; its parent begins another."""
        serve = self.chance.choice(self.hosts).parts["serve"]
        self._kill_one(descendants(serve.pid))

    def site(self) -> None:
        """A site with all its processes."""
        self._again("serve")

    def courier(self) -> None:
        """A courier."""
        self._again("courier")

    def smsbox(self) -> None:
        """What talks with couriers and sites; what it was telling them is lost with it."""
        self.kannel.kill(SMSBOX)
        self.kannel.start(SMSBOX)

    def gateway(self) -> None:
        """All of Kannel: its spool brings back what was not handed over."""
        self.kannel.kill(BEARERBOX)
        self.kannel.kill(SMSBOX)
        self.kannel.start()

    def connection(self) -> None:
        """One of the database's processes: it drops them all and recovers by itself."""
        with self._crash():
            self._kill_one(self.server.processes)

    def database(self) -> None:
        """All of it, for a while."""
        with self._crash():
            self.server.kill()
        time.sleep(self.chance.uniform(0, LONGEST_OUTAGE_SECONDS))
        self.server.start()

    @contextmanager
    def _crash(self) -> Iterator[None]:
        began = time.monotonic()
        yield
        self.crashes.append(Crash(began, time.monotonic()))

    def _again(self, name: str) -> None:
        host = self.chance.choice(self.hosts)
        host.kill(name)
        host.start(name, ready=False)

    def _kill_one(self, pids: Sequence[int]) -> None:
        with suppress(ProcessLookupError):
            for pid in self.chance.sample(pids, min(1, len(pids))):  # there may be none yet
                os.kill(pid, signal.SIGKILL)
