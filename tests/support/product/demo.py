"""Runs `retrouve demo --headless`."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from tests.conformance.waiting import eventually
from tests.support.product.ports import free_port
from tests.support.product.processes import (
    RETROUVE,
    SECONDS_TO_STOP,
    alive,
    command_of,
    descendants,
    put_down,
    workers_of,
)
from tests.support.product.site import RunningProduct

VOTERS = 60
PATIENT = {"RETROUVE_POLICY__PASSWORD_WAIT_SECONDS": "170", "RETROUVE_THROTTLE_ANSWER_MILLISECONDS": "60000"}
"""Longer limits for slow test machines. They concern waits for a password hash and for Valkey."""
_NO_HELP = (
    "from contextlib import nullcontext; from demo.help import DemoHelp; assert DemoHelp.run; "
    "DemoHelp.run = lambda *_: nullcontext(); "
)
_MAIN = "from cli import main; main()"
NO_HELP = (sys.executable, "-c", _NO_HELP + _MAIN)
"""Command that starts a demo without the help. The help would take half of the start."""
_LIGHT_HASHES = Path(__file__).parent / "light_hashes"
LIGHT_HASHES_AND_NO_HELP = ("env", f"PYTHONPATH={_LIGHT_HASHES}", *NO_HELP)
"""Command that starts a demo without the help and with cheap password hashes.

Real hashes take half of the CPU time in long tests.
"""


@dataclass
class Demo(RunningProduct):
    """A running `retrouve demo --headless`."""

    process: "subprocess.Popen[str]" = field(kw_only=True)

    @property
    def workers(self) -> list[int]:
        """Process ids of the web processes, which are children of `serve`."""
        serve = next(pid for pid in descendants(self.process.pid) if "\0cli\0serve\0" in command_of(pid))
        return workers_of(serve)


@contextmanager
def demo(
    folder: Path,
    *options: str,
    voters: int = VOTERS,
    now: datetime | None = None,
    port: int | None = None,
    variables: Mapping[str, str] | None = None,
    command: Sequence[str] = RETROUVE,
    cwd: Path = Path(),
    pictures: bool = False,
) -> Iterator[Demo]:
    """Run a demo in a folder while the block runs.

    Fails if the demo's processes do not end in time after SIGTERM.
    """
    port = port or free_port()
    arguments = ["demo", "--headless", "--port", str(port), "--dir", str(folder), "--voters", str(voters), *options]
    arguments += [] if pictures else ["--no-pictures"]
    arguments += [] if now is None else ["--now", now.isoformat()]
    process = subprocess.Popen(  # our own command
        [*command, *arguments],
        cwd=cwd,
        env={**os.environ, **PATIENT, **(variables or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == f"ready http://127.0.0.1:{port}\n"
        started = descendants(process.pid)
        yield Demo(f"http://127.0.0.1:{port}", cwd / folder, process=process)
        started = sorted({*started, *descendants(process.pid)})
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS_TO_STOP) == 0
        eventually(lambda: not any(map(alive, started)), "the end of its processes")
    finally:
        put_down(process)
        if process.stdout is not None:
            process.stdout.close()
