"""A PostgreSQL 17 of our own: on loopback, on a free port, in a temporary folder, stopped at the end."""

import atexit
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory, mkdtemp

from tests.support.product import alive, descendants, eventually, free_port

BINARIES = Path("/usr/lib/postgresql/17/bin")
USER = "postgres"
SETTINGS = """
listen_addresses = '{address}'
port = {port}
unix_socket_directories = ''
max_connections = 200
"""
FORGETFUL = "fsync = off\n"
"""For tests, which outlive no power cut."""
TRUSTED = "host all all samenet trust\n"


@dataclass(frozen=True)
class Postgres:
    """One server, to be stopped, killed and started as a test wants."""

    cluster: Path
    port: int
    address: str = "127.0.0.1"

    @property
    def url(self) -> str:
        """The SQLAlchemy URL of the server, to which a database's name is added."""
        return f"postgresql+psycopg://{USER}@{self.address}:{self.port}"

    def start(self) -> None:
        """Runs, after whatever recovery it needs."""
        _run("pg_ctl", "-w", "-D", self.cluster, "-l", self.cluster / "log", "start")

    def stop(self) -> None:
        """Its clients are cut off, and nothing is lost."""
        _run("pg_ctl", "-w", "-m", "fast", "-D", self.cluster, "stop")

    @property
    def runs(self) -> bool:
        """Whether it was started and neither stopped nor killed since."""
        return (self.cluster / "postmaster.pid").exists()

    def kill(self) -> None:
        """SIGKILL for the server and all its processes, in one stride."""
        os.kill(self._postmaster, signal.SIGSTOP)  # it begins no process that would be missed
        family = [self._postmaster, *self.processes]
        for pid in family:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        eventually(lambda: not any(map(alive, family)), "the end of PostgreSQL")
        # Where no init reaps it the dead server still has its number, and would be taken for a running one.
        (self.cluster / "postmaster.pid").unlink()

    @property
    def processes(self) -> list[int]:
        """What the server has started: a process for each client, and its own."""
        return descendants(self._postmaster)

    @property
    def _postmaster(self) -> int:
        return int((self.cluster / "postmaster.pid").read_text().split()[0])


@contextmanager
def postgresql(address: str = "127.0.0.1", *, durable: bool = False) -> Iterator[Postgres]:
    """Starts one on that address of this machine; neighbours may come without a password."""
    with TemporaryDirectory(prefix="retrouve-postgres-") as temporary:
        folder = Path(temporary)
        folder.chmod(0o755)
        with running(new_cluster(folder / "cluster", address, durable=durable)) as server:
            yield server


def new_cluster(cluster: Path, address: str = "127.0.0.1", *, durable: bool = False) -> Postgres:
    """An empty one in that folder, not started. Another account has to reach it: the folders above must let it through."""
    subprocess.run(["cp", "-a", _made_once(), cluster], check=True)  # its owner too
    with (cluster / "postgresql.conf").open("a") as file:
        file.write("" if durable else FORGETFUL)
    with (cluster / "pg_hba.conf").open("a") as file:
        file.write(TRUSTED)
    return at_free_port(cluster, address)


@cache
def _made_once() -> Path:
    """A cluster in which nothing was done yet; each new one is a copy."""
    above = Path(mkdtemp(prefix="retrouve-postgres-"))
    atexit.register(rmtree, above)
    above.chmod(0o755)
    cluster = above / "cluster"
    cluster.mkdir()
    if os.geteuid() == 0:
        subprocess.run(["chown", USER, cluster], check=True)
    _run("initdb", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", f"--username={USER}", "-D", cluster)
    return cluster


def at_free_port(cluster: Path, address: str = "127.0.0.1") -> Postgres:
    """The server of that folder, which will listen on a port that is free now."""
    server = Postgres(cluster, free_port(), address)
    with (cluster / "postgresql.conf").open("a") as file:
        file.write(SETTINGS.format(port=server.port, address=address))  # of two values the last one counts
    return server


@contextmanager
def running(server: Postgres) -> Iterator[Postgres]:
    """Started, and stopped at the end if it still runs then."""
    server.start()
    try:
        yield server
    finally:
        if server.runs:
            server.stop()


@contextmanager
def postgres() -> Iterator[str]:
    """Starts one; yields the SQLAlchemy URL of its server."""
    with postgresql() as server:
        yield server.url


def _run(program: str, *arguments: str | Path) -> None:
    """As another user where we are root: PostgreSQL refuses to run as root."""
    other = ["runuser", "-u", USER, "--"] if os.geteuid() == 0 else []
    subprocess.run([*other, BINARIES / program, *arguments], check=True, capture_output=True, cwd="/")
