"""A PostgreSQL 17 of the tests: on loopback, on a free port, in a temporary folder, stopped at the end."""

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
"""
NO_DURABILITY = "fsync = off\n"
"""Settings without durability, because tests survive no power cut."""
TRUSTED = "host all all samenet trust\n"


@dataclass(frozen=True)
class Postgres:
    """A server that tests stop, kill and start."""

    cluster: Path
    port: int
    address: str = "127.0.0.1"

    @property
    def url(self) -> str:
        """Return the SQLAlchemy URL of the server, to which a database's name is added."""
        return f"postgresql+psycopg://{USER}@{self.address}:{self.port}"

    def start(self) -> None:
        """Start the server, and wait until it has recovered."""
        as_server("pg_ctl", "-w", "-D", self.cluster, "-l", self.cluster / "log", "start")

    def stop(self) -> None:
        """Stop the server, which disconnects its clients and loses nothing."""
        as_server("pg_ctl", "-w", "-m", "fast", "-D", self.cluster, "stop")

    @property
    def runs(self) -> bool:
        """Tell whether it was started and neither stopped nor killed since."""
        return (self.cluster / "postmaster.pid").exists()

    def kill(self) -> None:
        """Send SIGKILL to the server and all its processes at once."""
        os.kill(self._postmaster, signal.SIGSTOP)  # so that it starts no further process
        family = [self._postmaster, *self.processes]
        for pid in family:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        eventually(lambda: not any(map(alive, family)), "the end of PostgreSQL")
        # Without an init the dead server stays a zombie, whose pid would look like that of a running server.
        (self.cluster / "postmaster.pid").unlink()

    @property
    def processes(self) -> list[int]:
        """Return the processes of the server, one of which serves each client."""
        return descendants(self._postmaster)

    @property
    def _postmaster(self) -> int:
        return int((self.cluster / "postmaster.pid").read_text().split()[0])


@contextmanager
def postgresql(address: str = "127.0.0.1", *, durable: bool = False) -> Iterator[Postgres]:
    """Run a server on that address; other hosts may connect without a password."""
    with TemporaryDirectory(prefix="retrouve-postgres-") as temporary:
        folder = Path(temporary)
        folder.chmod(0o755)
        with running(new_cluster(folder / "cluster", address, durable=durable)) as server:
            yield server


def new_cluster(cluster: Path, address: str = "127.0.0.1", *, durable: bool = False) -> Postgres:
    """Make an empty cluster in that folder; another account must be able to enter the folders above."""
    subprocess.run(["cp", "-a", _made_once(), cluster], check=True)  # its owner too
    with (cluster / "postgresql.conf").open("a") as file:
        file.write("" if durable else NO_DURABILITY)
    with (cluster / "pg_hba.conf").open("a") as file:
        file.write(TRUSTED)
    return at_free_port(cluster, address)


@cache
def _made_once() -> Path:
    """Make a new cluster once; each other one is a copy."""
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
    """Return the server of that folder, on a port that is free now."""
    server = Postgres(cluster, free_port(), address)
    with (cluster / "postgresql.conf").open("a") as file:
        file.write(SETTINGS.format(port=server.port, address=address))  # the last of two values is used
    return server


@contextmanager
def running(server: Postgres) -> Iterator[Postgres]:
    """Start the server, and stop it at the end if it still runs."""
    server.start()
    try:
        yield server
    finally:
        if server.runs:
            server.stop()


@contextmanager
def postgres() -> Iterator[str]:
    """Run a server and yield its SQLAlchemy URL."""
    with postgresql() as server:
        yield server.url


@contextmanager
def synchronous_standby(primary: Postgres, folder: Path) -> Iterator[Postgres]:
    """Run a copy of a server, in that new folder, which the server waits for at each commit."""
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
    """Let the server wait for standbys of those names, and wait until one confirms."""
    with psycopg.connect(f"{primary.url}/postgres".replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{names}'".encode())
        connection.execute("SELECT pg_reload_conf()")
        confirmed = "SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'"
        eventually(lambda: not names or connection.execute(confirmed).fetchone(), "a synchronous standby", 60)


def as_server(program: str, *arguments: str | Path) -> None:
    """Run a program of PostgreSQL's as the server's account, since it refuses root."""
    other = ["runuser", "-u", USER, "--"] if os.geteuid() == 0 else []
    subprocess.run([*other, BINARIES / program, *arguments], check=True, capture_output=True, cwd="/")
