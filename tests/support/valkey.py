"""Runs Valkey in a temporary folder. Tests can start, freeze and kill it."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from valkey import Valkey as Client
from valkey.exceptions import ValkeyError

from tests.support.product import eventually, free_port, listens, put_down

DEPLOY = Path(__file__).parent.parent.parent / "deploy/valkey"
PORT = 6379
SERVICE, PASSWORD = "retrouve", "Orage-calme-2018"
ANSWER_SECONDS = 60


@dataclass
class Valkey:
    """A Valkey server, which may be running or not."""

    folder: Path
    address: str = "127.0.0.1"
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        """Address of the server, as in the settings of an election."""
        return f"valkey://{self.address}:{self.port}"

    def start(self, *options: str) -> None:
        arguments = [
            "--save",
            "",
            "--port",
            str(self.port),
            "--bind",
            self.address,
            "--protected-mode",
            "no",
            "--dir",
            str(self.folder),
        ]
        self.process = subprocess.Popen(["valkey-server", *arguments, *options], stdout=subprocess.DEVNULL)
        _wait_for(self.process, self.port, self.address)

    def kill(self) -> None:
        if self.process is not None:
            put_down(self.process)
            self.process = None

    def freeze(self) -> None:
        """Send SIGSTOP to the server. It then accepts connections but does not answer."""
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGSTOP)


@contextmanager
def valkey(address: str = "127.0.0.1") -> Iterator[Valkey]:
    """Yield a Valkey server that is not started yet. It is killed after the block."""
    with TemporaryDirectory(prefix="retrouve-valkey-") as folder:
        server = Valkey(Path(folder), address)
        try:
            yield server
        finally:
            server.kill()


@dataclass
class ValkeyPair:
    """A primary, a replica and three sentinels. `servers` and `sentinels` are their ports.

    They use the files in deploy/valkey, with other addresses and ports.
    """

    folder: Path
    address: str
    servers: list[int]
    sentinels: list[int]
    programs: "dict[int, subprocess.Popen[bytes]]" = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Address of the sentinels, as in the settings of an election."""
        places = ",".join(f"{self.address}:{port}" for port in self.sentinels)
        return f"valkey+sentinel://:{PASSWORD}@{places}/{SERVICE}"

    def start(self, port: int) -> None:
        """Start or restart the server or sentinel on a port.

        It keeps the changes that it has made to its configuration file.
        """
        words = ["--sentinel"] if port in self.sentinels else []
        with (self.folder / f"{port}.log").open("ab") as log:
            self.programs[port] = subprocess.Popen(
                ["valkey-server", self.folder / f"{port}.conf", *words], cwd=self.folder, stdout=log, stderr=log
            )
        _wait_for(self.programs[port], port, self.address)

    def start_dead(self) -> None:
        """Restart all programs that were killed."""
        for port in {*self.servers, *self.sentinels} - set(self.programs):
            self.start(port)

    def kill(self, port: int) -> None:
        put_down(self.programs.pop(port))

    def kill_primary(self) -> None:
        """Kill the current primary."""
        with self._client(self.sentinels[0]) as sentinel:
            self.kill(int(sentinel.sentinel_master(SERVICE)["port"]))

    def is_whole(self) -> bool:
        """Return whether the replica follows the primary, and each sentinel knows all other programs."""
        try:
            return all(self._sees_all(port) for port in self.sentinels)
        except ValkeyError:
            return False

    def _sees_all(self, port: int) -> bool:
        with self._client(port) as sentinel:
            seen = sentinel.sentinel_master(SERVICE)
            replicas = sentinel.sentinel_slaves(SERVICE)
        following = [each["master-link-status"] for each in replicas if each["flags"] == "slave"]
        return (seen["flags"], int(seen["num-other-sentinels"]), following) == ("master", 2, ["ok"])

    def _client(self, port: int) -> Client:
        return Client(self.address, port, password=PASSWORD, decode_responses=True, socket_timeout=ANSWER_SECONDS)


@contextmanager
def valkey_pair(address: str = "127.0.0.1", dead_after_ms: int | None = None) -> Iterator[ValkeyPair]:
    """Run a primary, a replica and their sentinels while the block runs.

    `dead_after_ms` overrides the timeout after which a sentinel takes the primary for dead.
    """
    with TemporaryDirectory(prefix="retrouve-valkey-") as folder:
        servers, sentinels = [free_port() for _ in range(2)], [free_port() for _ in range(3)]
        made = ValkeyPair(Path(folder), address, servers, sentinels)
        primary = f"192.0.2.21 {PORT}", f"{address} {servers[0]}"
        for port in servers:
            replica = ("# replicaof", "replicaof" if port == servers[1] else "# replicaof")
            _fill_in(made, "valkey.conf", port, replica, primary)
        for port in sentinels:
            wait = "down-after-milliseconds retrouve "
            slower = (f"{wait}3000", f"{wait}{dead_after_ms or 3000}")
            _fill_in(made, "sentinel.conf", port, primary, slower)
        try:
            made.start_dead()
            eventually(made.is_whole, "a Valkey with a replica and three sentinels")
            yield made
        finally:
            for program in made.programs.values():
                put_down(program)


def _wait_for(program: "subprocess.Popen[bytes]", port: int, address: str) -> None:
    """Wait until a program listens on its port. Fails if it has ended, because another program has the port."""
    eventually(lambda: listens(port, address) or program.poll() is not None, "a Valkey or a sentinel")
    assert program.poll() is None, f"Valkey ended with {program.returncode}: is port {port} taken?"


def _fill_in(pair: ValkeyPair, name: str, port: int, *changes: tuple[str, str]) -> None:
    text = (DEPLOY / name).read_text("utf-8")
    ours = [("bind 192.0.2.21", f"bind {pair.address}"), ("PASSWORD", PASSWORD)]
    for old, new in [*changes, *ours, (f"port {PORT}", f"port {port}"), ("port 26379", f"port {port}")]:
        text = text.replace(old, new)
    (pair.folder / f"{port}.conf").write_text(text, "utf-8")
