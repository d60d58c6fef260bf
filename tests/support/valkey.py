"""A Valkey of our own: on loopback, in a temporary folder, started, frozen and killed as a test wants."""

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
    """One server; `url` is where it is, running or not."""

    folder: Path
    address: str = "127.0.0.1"
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        """As the settings name it."""
        return f"valkey://{self.address}:{self.port}"

    def start(self, *options: str) -> None:
        """Runs, with nothing in it."""
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
        """SIGKILL."""
        if self.process is not None:
            put_down(self.process)
            self.process = None

    def freeze(self) -> None:
        """Still there, and silent."""
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGSTOP)


@contextmanager
def valkey(address: str = "127.0.0.1") -> Iterator[Valkey]:
    """Not started yet; killed at the end."""
    with TemporaryDirectory(prefix="retrouve-valkey-") as folder:
        server = Valkey(Path(folder), address)
        try:
            yield server
        finally:
            server.kill()
