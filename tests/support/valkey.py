"""A Valkey of the tests: on loopback, in a temporary folder, started, frozen and killed by a test."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support.product import eventually, free_port, listens, put_down


@dataclass
class Valkey:
    """A server; `url` is its address, running or not."""

    folder: Path
    address: str = "127.0.0.1"
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        """Return the address as in the settings."""
        return f"valkey://{self.address}:{self.port}"

    @property
    def patient_url(self) -> str:
        """Return the address for adapters that wait a minute for each answer, as a busy machine may take more than ours."""
        return f"{self.url}?socket_timeout=60&socket_connect_timeout=60"

    def start(self, *options: str) -> None:
        """Start the server empty."""
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
        eventually(lambda: listens(self.port, self.address), "a Valkey")

    def kill(self) -> None:
        """Send SIGKILL."""
        if self.process is not None:
            put_down(self.process)
            self.process = None

    def freeze(self) -> None:
        """Stop the process with SIGSTOP, so that it accepts connections and does not answer."""
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGSTOP)


@contextmanager
def valkey(address: str = "127.0.0.1") -> Iterator[Valkey]:
    """Make a server that is not started yet and is killed at the end."""
    with TemporaryDirectory(prefix="retrouve-valkey-") as folder:
        server = Valkey(Path(folder), address)
        try:
            yield server
        finally:
            server.kill()
