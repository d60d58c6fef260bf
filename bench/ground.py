"""Where it is measured: the whole product at work on one engine, with so many voters and a sink for its mails."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from sqlalchemy import Engine, delete, func, select, text

from bench.stock import DATABASE, Stock
from core.adapters import keys
from core.adapters.entropy import SystemEntropy
from core.adapters.sql.engine import open_engine
from core.adapters.sql.store import SqlStore
from core.adapters.sql.tables import WAITING, metadata, outbox
from core.bootstrap import DEMO_VOTERS, House, open_house, states_by_flow
from core.policy import Policy
from tests.support.postgres import running
from tests.support.product import (
    Installation,
    Place,
    descendants,
    eventually,
    installation,
    put_down,
)

SECONDS_TO_SETTLE = 600
COLD = Place(inside=("/usr/bin/env",))
"""Here, but each part begun from nothing: what tests have loaded before would be in every figure."""


Person = dict[str, str]
"""As a caller would know them: `email`, `birth_date`, `numen`, `phone`."""


class Sink:
    """The relay and the SMS gateway of the bench, in a process of their own."""

    def __init__(self, port: int, sms_port: int) -> None:
        self.process = subprocess.Popen(  # noqa: S603  # our own command
            [sys.executable, "-m", "bench.sink", str(port), str(sms_port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._line()

    @property
    def count(self) -> int:
        """How many mails it has taken."""
        return self._say("count")[0]

    @property
    def texts(self) -> int:
        """How many SMS."""
        return self._say("count")[1]

    def delay(self, seconds: float) -> None:
        """From now on, each mail takes so long."""
        self._say(f"delay {seconds}")

    def _say(self, command: str) -> tuple[int, int]:
        assert self.process.stdin is not None
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        mails, texts = self._line().split()
        return int(mails), int(texts)

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def close(self) -> None:
        """Ends it."""
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()
        put_down(self.process)


@dataclass
class Ground:
    """The product on one engine. Its parts are started and stopped by the subjects."""

    engine: str
    voters: int
    installation: Installation
    sink: Sink
    database_processes: Callable[[], list[int]] = list
    known: Iterator[Person] = field(init=False)
    """Those on the roll, none twice."""

    def __post_init__(self) -> None:
        self.known = self._known()

    def _known(self) -> Iterator[Person]:
        with (self.installation.folder / DEMO_VOTERS).open(encoding="utf-8") as file:
            for line in file:
                yield json.loads(line)

    @property
    def host(self) -> str:
        """As a browser names it."""
        return f"127.0.0.1:{self.installation.port}"

    @cached_property
    def database(self) -> Engine:
        """The installation's."""
        return open_engine(self.installation.database or f"sqlite:///{self.installation.folder / 'retrouve.sqlite3'}")

    @cached_property
    def store(self) -> SqlStore:
        """The product's own, to prepare what is measured and to look at what came of it."""
        return SqlStore(self.database, states_by_flow(Policy()))

    @cached_property
    def vault(self) -> keys.KeyVault:
        """The installation's."""
        return keys.KeyVault(keys.read(self.installation.folder / keys.FILE), SystemEntropy())

    @contextmanager
    def opened(self) -> Iterator[House]:
        """The installation in this process, whose environment others read too: it names it only while it is opened."""
        with patch.dict(os.environ, self.installation.variables):
            house = open_house(self.installation.folder)
        with closing(house):
            yield house

    def start(self, *parts: str) -> None:
        """Those of `serve` and `courier` that do not run yet."""
        for part in parts:
            if part not in self.installation.parts:
                self.installation.start(part)

    def stop(self, *parts: str) -> None:
        """Those of them that run."""
        for part in parts:
            if part in self.installation.parts:
                with suppress(subprocess.TimeoutExpired):  # it is put down then: a busy machine is no defect
                    self.installation.stop(part)

    def processes(self, part: str) -> list[int]:
        """The processes of a part, its workers and their helpers too."""
        started = self.installation.parts[part].pid
        return [started, *descendants(started)]

    def empty(self) -> None:
        """Takes everything out of the database, which is then as small as a new one."""
        if self.engine == "postgresql":
            with self.database.begin() as connection:
                connection.execute(text(f"TRUNCATE {', '.join(metadata.tables)}"))
            return
        with self.database.begin() as connection:
            for table in reversed(metadata.sorted_tables):
                connection.execute(delete(table))
        with closing(self.database.raw_connection()) as raw:
            raw.cursor().execute("VACUUM")

    def settle(self) -> None:
        """Waits until the courier has nothing left to do."""
        eventually(lambda: self.backlog == 0, "the end of what waits", SECONDS_TO_SETTLE)

    @property
    def backlog(self) -> int:
        """How many asks and mails wait for the courier, but for what is to be sent another day."""
        waiting = select(func.count()).where(WAITING, outbox.c.created <= datetime.now(UTC))
        with self.database.connect() as connection:
            return connection.execute(waiting).scalar_one()

    def close(self) -> None:
        """Stops what runs and lets the database go."""
        self.stop("serve", "courier")
        self.store.close()

    def next_people(self, count: int) -> list[Person]:
        """So many of the roll in whose name nothing was done yet."""
        people = list(islice(self.known, count))
        assert len(people) == count, "too few voters for what is measured"
        return people

    def next_known(self, count: int) -> list[str]:
        """The addresses of so many."""
        return [person["email"] for person in self.next_people(count)]


@contextmanager
def ground(engine: str, voters: int, shelf: Path | None = None) -> Iterator[Ground]:
    """Everything is stopped and forgotten at the end. `shelf` is where prepared voters are kept (bench.stock)."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="retrouve-bench-")))
        folder.chmod(0o755)  # PostgreSQL runs under an account of its own
        stock = Stock(shelf or folder / "stock", engine, voters)
        stock.prepare()
        made = stack.enter_context(installation(folder / "election", source=stock.election, place=COLD))
        database: list[Callable[[], list[int]]] = []
        if engine == "postgresql":
            server = stack.enter_context(running(stock.server_in(folder / "cluster")))
            made.database = f"{server.url}/{DATABASE}"
            made.variables["RETROUVE_DATABASE_URL"] = made.database
            database.append(lambda: server.processes)
        sink = Sink(made.mail_port, made.sms_port)
        stack.callback(sink.close)
        site = Ground(engine, voters, made, sink, *database)
        stack.callback(site.close)
        yield site
