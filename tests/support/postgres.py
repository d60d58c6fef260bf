"""Runs PostgreSQL 17 on loopback in a temporary folder."""

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

import psycopg

from tests.support.product import alive, descendants, eventually, free_port

BINARIES = Path("/usr/lib/postgresql/17/bin")
USER = "postgres"
SETTINGS = """
listen_addresses = '{address}'
port = {port}
unix_socket_directories = ''
max_connections = 200
dynamic_shared_memory_type = mmap
"""
"""Settings of each server. With `mmap`, a killed server leaves its shared memory in its own folder."""
NO_DURABILITY = "fsync = off\n"
"""Settings that make PostgreSQL fast. Tests do not need durability."""
TRUSTED = "host all all samenet trust\n"


@dataclass(frozen=True)
class Postgres:
    """A PostgreSQL server that tests can start, stop and kill."""

    cluster: Path
    port: int
    address: str = "127.0.0.1"

    @property
    def url(self) -> str:
        """SQLAlchemy URL of the server, without the name of a database."""
        return f"postgresql+psycopg://{USER}@{self.address}:{self.port}"

    def start(self) -> None:
        """Start the server and wait until it accepts connections."""
        as_server("pg_ctl", "-w", "-D", self.cluster, "-l", self.cluster / "log", "start")

    def stop(self) -> None:
        """Stop the server with a fast shutdown, which disconnects its clients and keeps all data."""
        as_server("pg_ctl", "-w", "-m", "fast", "-D", self.cluster, "stop")

    @property
    def runs(self) -> bool:
        """Whether the server has been started and not stopped."""
        return (self.cluster / "postmaster.pid").exists()

    @property
    def accepts_connections(self) -> bool:
        """Whether the server has started, or has recovered from a crash."""
        command = [BINARIES / "pg_isready", "--quiet", f"--host={self.address}", f"--port={self.port}"]
        return subprocess.run(command, check=False).returncode == 0

    def kill(self) -> None:
        """Kill all processes of the server."""
        os.kill(self._postmaster, signal.SIGSTOP)  # stops it from starting more processes
        family = [self._postmaster, *self.processes]
        for pid in family:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        eventually(lambda: not any(map(alive, family)), "the end of PostgreSQL")
        # In a container without init the dead server stays a zombie, and its pid would look like a running server.
        (self.cluster / "postmaster.pid").unlink()

    @property
    def processes(self) -> list[int]:
        """Process ids of the server's child processes. Each client has one of them."""
        return descendants(self._postmaster)

    @property
    def _postmaster(self) -> int:
        return int((self.cluster / "postmaster.pid").read_text().split()[0])


@contextmanager
def postgresql(address: str = "127.0.0.1", *, durable: bool = False) -> Iterator[Postgres]:
    """Run a PostgreSQL server on an address. Other hosts can connect to it without a password."""
    with TemporaryDirectory(prefix="retrouve-postgres-") as temporary:
        folder = Path(temporary)
        folder.chmod(0o755)
        with running(new_cluster(folder / "cluster", address, durable=durable)) as server:
            yield server


def new_cluster(cluster: Path, address: str = "127.0.0.1", *, durable: bool = False) -> Postgres:
    """Make an empty database cluster in a folder. The server's account must be able to enter the parent folders."""
    subprocess.run(["cp", "-a", _made_once(), cluster], check=True)  # keeps the owner
    with (cluster / "postgresql.conf").open("a") as file:
        file.write("" if durable else NO_DURABILITY)
    with (cluster / "pg_hba.conf").open("a") as file:
        file.write(TRUSTED)
    return at_free_port(cluster, address)


@cache
def _made_once() -> Path:
    """Make a database cluster once per test run. All other clusters are copies of it."""
    above = Path(mkdtemp(prefix="retrouve-postgres-"))
    atexit.register(rmtree, above)
    above.chmod(0o755)
    cluster = above / "cluster"
    cluster.mkdir()
    if os.geteuid() == 0:
        subprocess.run(["chown", USER, cluster], check=True)
    as_server(
        "initdb", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", f"--username={USER}", "-D", cluster
    )
    return cluster


def at_free_port(cluster: Path, address: str = "127.0.0.1") -> Postgres:
    """Return the server of a cluster, configured for a free port."""
    server = Postgres(cluster, free_port(), address)
    with (cluster / "postgresql.conf").open("a") as file:
        file.write(SETTINGS.format(port=server.port, address=address))  # PostgreSQL uses the last value of a setting
    return server


@contextmanager
def running(server: Postgres) -> Iterator[Postgres]:
    """Start a server. After the block, stop it if it still runs."""
    server.start()
    try:
        yield server
    finally:
        if server.runs:
            server.stop()


@contextmanager
def postgres() -> Iterator[str]:
    """Run a PostgreSQL server, and yield its SQLAlchemy URL."""
    with postgresql() as server:
        yield server.url


@contextmanager
def synchronous_standby(primary: Postgres, folder: Path) -> Iterator[Postgres]:
    """Run a synchronous standby of a server, in a new folder."""
    folder.mkdir()
    if os.geteuid() == 0:
        subprocess.run(["chown", USER, folder], check=True)
    source = f"host={primary.address} port={primary.port} user={USER}"
    as_server(
        "pg_basebackup",
        "--write-recovery-conf",
        "--no-sync",
        "--checkpoint=fast",
        "-D",
        folder / "cluster",
        "-d",
        source,
    )
    with running(at_free_port(folder / "cluster", primary.address)) as standby:
        _wait_for_standby(primary, "*")
        try:
            yield standby
        finally:
            _wait_for_standby(primary, "")


def _wait_for_standby(primary: Postgres, names: str) -> None:
    """Set the names of the standbys for which the server waits. If there are any, wait until one is synchronous."""
    with psycopg.connect(f"{primary.url}/postgres".replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{names}'".encode())
        connection.execute("SELECT pg_reload_conf()")
        confirmed = "SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'"
        eventually(lambda: not names or connection.execute(confirmed).fetchone(), "a synchronous standby", 60)


def as_server(program: str, *arguments: str | Path) -> None:
    """Run a program of PostgreSQL. For root, use the server's account instead, because PostgreSQL refuses root."""
    other = ["runuser", "-u", USER, "--"] if os.geteuid() == 0 else []
    subprocess.run([*other, BINARIES / program, *arguments], check=True, capture_output=True, cwd="/")
