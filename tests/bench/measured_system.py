"""The product on one engine, with prepared voters, a fake relay and a fake SMS gateway."""

import json
import os
import re
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import islice
from pathlib import Path
from subprocess import DEVNULL
from tempfile import TemporaryDirectory
from unittest.mock import patch

from sqlalchemy import Engine, delete, func, select, text

from core.adapters import key_vault
from core.adapters.random_source import SystemRandomSource
from core.adapters.sql.engine import open_engine
from core.adapters.sql.row_authentication import RowAuthenticator
from core.adapters.sql.store import SqlStore
from core.adapters.sql.tables import WAITING, events, metadata, outbox, properties, seals
from core.app.election_folder import open_services
from core.app.services import Services
from core.desk.authorisation import AgentSession
from core.flows.registry import states_by_flow
from demo import agents
from demo.agents import sign_in_demo_agent
from demo.folder import VOTERS_FILE
from tests.bench.fake_servers import FakeServers
from tests.bench.prepared_voters import DATABASE, PreparedVoters
from tests.support.postgres import Postgres, running, synchronous_standby
from tests.support.product import RETROUVE, Installation, Place, descendants, eventually, installation

LOOK_SECONDS, SECONDS_TO_SETTLE = 0.25, 600
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)
NEW_PROCESS = Place(inside=("/usr/bin/env",))
"""The command for each part. It starts a new process, because a fork would include the memory of the tests' modules."""
Person = dict[str, str]
"""A voter's `email`, `birth_date`, `numen` and `phone`."""


def cpu_seconds(processes: Iterable[int]) -> float:
    """Return the user and system time of these processes and of their ended children."""
    fields = (_read(process, "stat").rpartition(")")[2].split() for process in processes)
    return sum(int(ticks) for each in fields for ticks in each[11:15]) / TICKS_A_SECOND  # utime to cstime: proc(5)


def pss_megabytes(processes: Iterable[int]) -> float:
    """Return the memory of these processes in 10^6 bytes. Shared pages count once (PSS)."""
    return sum(int(kib) for process in processes for kib in PSS.findall(_read(process, "smaps_rollup"))) * 1024 / 1e6


def _read(process: int, file: str) -> str:
    """Return a file of /proc, or an empty string if the process has ended."""
    with suppress(OSError):
        return Path(f"/proc/{process}/{file}").read_text()
    return ""


@dataclass
class MeasuredSystem:
    """The measured installation and its servers. Each subject starts and stops the parts it needs."""

    engine: str
    voters: int
    installation: Installation
    servers: FakeServers
    postgres: Postgres | None = None
    standby: bool = False
    """True if PostgreSQL waits for a synchronous standby."""
    minutes: float = 1
    """The working time of the agents in `desk`, in seconds."""

    @cached_property
    def unused(self) -> Iterator[Person]:
        """The voters that no subject has used."""
        return self.people()

    def people(self) -> Iterator[Person]:
        with (self.installation.folder / VOTERS_FILE).open(encoding="utf-8") as file:
            yield from map(json.loads, file)

    def next_people(self, count: int) -> list[Person]:
        """Take that many unused voters."""
        people = list(islice(self.unused, count))
        assert len(people) == count, "too few voters for what is measured: see --voters"
        return people

    def next_addresses(self, count: int) -> list[str]:
        """Take that many unused voters and return their addresses."""
        return [person["email"] for person in self.next_people(count)]

    @property
    def port(self) -> int:
        return self.installation.port

    @cached_property
    def database(self) -> Engine:
        return open_engine(self.installation.database or f"sqlite:///{self.installation.folder / 'retrouve.sqlite3'}")

    @cached_property
    def store(self) -> SqlStore:
        return SqlStore(self.database, states_by_flow(), RowAuthenticator(self.vault))

    @cached_property
    def vault(self) -> key_vault.KeyVault:
        return key_vault.KeyVault(
            key_vault.read_key_file(self.installation.folder / key_vault.FILE), SystemRandomSource()
        )

    @contextmanager
    def opened(self) -> Iterator[Services]:
        """Open the installation's use cases in this process."""
        with patch.dict(os.environ, self.installation.variables):
            services = open_services(self.installation.folder)
        with closing(services):
            yield services

    def sign_in_agent(self, services: Services) -> AgentSession:
        """Sign in the demo's first agent."""
        duty = sign_in_demo_agent(services.desk, next(agents.read(self.installation.folder)))
        assert duty is not None
        return duty

    def start(self, *parts: str) -> None:
        """Start the given parts that are not running."""
        for part in parts:
            if part not in self.installation.parts:
                self.installation.start(part)

    def stop(self, *parts: str) -> None:
        """Stop the given parts that are running, or all."""
        for part in parts:
            if part in self.installation.parts:
                with suppress(
                    subprocess.TimeoutExpired
                ):  # then it is killed; a slow stop on a busy machine is not a failure
                    self.installation.stop(part)

    def run(self, *words: str) -> tuple[float, float]:
        """Run a `retrouve` command on the election. Returns its duration in seconds and its peak memory in megabytes."""
        command = [*RETROUVE, *words, "--dir", str(self.installation.folder)]
        variables = {**os.environ, **self.installation.variables}
        began, held = time.perf_counter(), 0.0
        with subprocess.Popen(command, env=variables, stdout=DEVNULL, stderr=DEVNULL) as process:  # our own command
            while process.returncode is None:
                held = max(held, pss_megabytes([process.pid, *descendants(process.pid)]))
                with suppress(subprocess.TimeoutExpired):
                    process.wait(LOOK_SECONDS)
        assert process.returncode == 0, words
        return time.perf_counter() - began, held

    def processes(self, *parts: str) -> list[int]:
        """Return the processes of these parts and their descendants."""
        started = [self.installation.parts[part].pid for part in parts]
        return [*started, *(child for each in started for child in descendants(each))]

    def postgres_processes(self) -> list[int]:
        """Return the processes of the PostgreSQL server, or none on SQLite."""
        if self.postgres is None:
            return []
        postmaster = int((self.postgres.cluster / "postmaster.pid").read_text().split()[0])
        return [postmaster, *self.postgres.processes]

    def empty_database(self) -> None:
        """Delete all rows except the database's properties, and release their space."""
        tables = [each for each in metadata.sorted_tables if each is not properties]
        with self.database.begin() as connection:
            if self.postgres is not None:
                connection.execute(text(f"TRUNCATE {', '.join(map(str, tables))}"))
                return
            for table in reversed(tables):
                connection.execute(delete(table))
        with closing(self.database.raw_connection()) as raw:
            raw.cursor().execute("VACUUM")

    def settle(self) -> None:
        """Wait until the courier has sent and sealed everything."""
        eventually(lambda: not any(self._left()), "an idle courier", SECONDS_TO_SETTLE)

    def _left(self) -> Iterator[int]:
        """Yield the number of messages due today and the number of unsealed journal entries."""
        with self.database.connect() as connection:
            due = select(func.count()).where(WAITING, outbox.c.created <= datetime.now(UTC))
            written, sealed = (select(func.coalesce(func.max(each), 0)) for each in (events.c.id, seals.c.line))
            yield connection.execute(due).scalar_one()
            yield connection.execute(written).scalar_one() - connection.execute(sealed).scalar_one()

    def close(self) -> None:
        """Stop all parts and close the database."""
        self.stop("serve", "courier")
        self.store.close()


@contextmanager
def measured_system(
    engine: str, voters: int, prepared: Path | None = None, *, standby: bool = False, minutes: float = 1
) -> Iterator[MeasuredSystem]:
    """Yield a system in a temporary folder. `prepared` is a folder that keeps the imported voters for later runs.

    If requested, PostgreSQL waits for a synchronous standby on this machine.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="retrouve-bench-")))
        folder.chmod(0o755)  # PostgreSQL runs under another account
        source = PreparedVoters(prepared or folder / "prepared", engine, voters)
        source.prepare()
        made = stack.enter_context(installation(folder / "election", source=source.election, place=NEW_PROCESS))
        made.variables["RETROUVE_DEMO"] = "false"  # a demo site would also load its mailbox and voters
        server = None
        if engine == "postgresql":
            server = stack.enter_context(running(source.server_in(folder / "cluster")))
            if standby:
                stack.enter_context(synchronous_standby(server, folder / "standby"))
            made.database = f"{server.url}/{DATABASE}"
            made.variables["RETROUVE_DATABASE_URL"] = made.database
        servers = FakeServers(made.mail_port, made.sms_port)
        stack.callback(servers.close)
        system = MeasuredSystem(engine, voters, made, servers, server, standby and server is not None, minutes)
        stack.callback(system.close)
        yield system
