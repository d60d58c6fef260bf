"""An election on one or several hosts. Its processes are started one by one, as by systemd."""

import atexit
import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from shutil import copytree, rmtree
from tempfile import mkdtemp
from typing import Any

from core.delivery.lease import LEASE
from demo.sms_gateway import SENDSMS
from tests.conformance.raw_http import exchange
from tests.conformance.waiting import eventually
from tests.support.product import outside
from tests.support.product.demo import PATIENT, VOTERS
from tests.support.product.ports import free_port, listens
from tests.support.product.preloaded import PreloadedProcess, StartedProcess, said
from tests.support.product.processes import RETROUVE, SECONDS_TO_START, put_down, workers_of
from tests.support.product.site import RunningProduct

SECONDS_OF_A_CLAIM = int(LEASE.total_seconds()) + 10
"""A courier whose clock is ahead by this many seconds takes over the messages of killed couriers."""
OUTSIDE = (sys.executable, "-m", "tests.support.product.outside")
MAKE_DEMO = """
import sys
from datetime import datetime
from pathlib import Path
from cli.demo import PARIS
from cli.make_demo import make_demo
make_demo(Path(sys.argv[1]), int(sys.argv[2]), datetime.now(PARIS))
"""


@dataclass(frozen=True)
class Place:
    """A host: its address, and the command prefix that runs a program there."""

    address: str = "127.0.0.1"
    inside: tuple[str, ...] = ()


HERE = Place()


@dataclass
class Installation(RunningProduct):
    """The folder of a demo on one host, with the processes that a test has started."""

    port: int = field(kw_only=True)
    mail_port: int = field(kw_only=True)
    sms_port: int = field(kw_only=True)
    variables: dict[str, str] = field(kw_only=True)
    place: Place = HERE
    parts: dict[str, StartedProcess] = field(default_factory=dict)

    def start(self, name: str, *, ready: bool = True, log_file: Path | None = None, **variables: str) -> StartedProcess:
        """Start one of the processes. `variables` override the installation's environment variables."""
        log = log_file or self.log(name)
        environment = {**os.environ, **self.variables, **variables}
        arguments = [name, *self._arguments(name)]
        self.parts[name] = (
            self._elsewhere(arguments, environment, log)
            if self.place.inside
            else PreloadedProcess(arguments, environment, log, program=outside.main if name in self._ports else None)
        )
        if ready and name == "serve":
            self.ready()
        if ready and name in self._ports:
            eventually(lambda: listens(self._ports[name], self.place.address), f"a {name}", SECONDS_TO_START)
        return self.parts[name]

    def start_product(self, **variables: str) -> None:
        """Start the mail server, a courier and the site. `variables` are environment variables of the site."""
        self.start("mailbox")
        self.start("courier")
        self.start("serve", **variables)

    def _elsewhere(self, arguments: list[str], environment: dict[str, str], log: Path) -> StartedProcess:
        command = OUTSIDE if arguments[0] in self._ports else RETROUVE
        with log.open("ab") as file:
            return subprocess.Popen(  # our own command
                [*self.place.inside, *command, *arguments],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
            )

    @property
    def _ports(self) -> dict[str, int]:
        """Ports of the processes that only a demo has."""
        return {"mailbox": self.mail_port, "telephone": self.sms_port}

    def _arguments(self, name: str) -> list[str]:
        if name not in self._ports:
            return ["--dir", str(self.folder)]
        place = ["--host", self.place.address, "--port", str(self._ports[name])]
        return ["--dir", str(self.folder), *place, "--site", self.site]

    def log(self, name: str) -> Path:
        return self.folder / "logs" / f"{name}.log"

    def ready(self) -> None:
        eventually(lambda: answers(self.site), "a ready site", SECONDS_TO_START)

    @property
    def workers(self) -> list[int]:
        return workers_of(self.parts["serve"].pid)

    def stop(self, name: str) -> None:
        """Send SIGTERM to a process, and wait for its end."""
        process = self.parts.pop(name)
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(SECONDS_TO_START)
        finally:
            put_down(process)

    def kill(self, name: str) -> None:
        put_down(self.parts.pop(name))


@cache
def demo_folder(voters: int) -> Path:
    """Make the folder of a demo once per test run. Each installation copies it."""
    above = Path(mkdtemp())
    atexit.register(rmtree, above)
    command = [sys.executable, "-c", MAKE_DEMO, str(above / "demo"), str(voters)]
    subprocess.run(command, stderr=subprocess.DEVNULL, check=True)  # our own command
    return above / "demo"


@contextmanager
def installation(
    folder: Path,
    *,
    relays: list[dict[str, Any]] | None = None,
    voters: int = VOTERS,
    place: Place = HERE,
    source: Path | None = None,
) -> Iterator[Installation]:
    """Copy the folder of a demo or `source`, and stop its processes after the block.

    `relays` replace the demo's own mail server.
    """
    copytree(source or demo_folder(voters), folder)
    _forget_the_board(folder)
    port, mail_port, sms_port = free_port(), free_port(), free_port()
    site = f"http://{place.address}:{port}"
    variables = {
        "RETROUVE_ELECTION__SITE": site,
        "RETROUVE_WEB__HOST": place.address,
        "RETROUVE_WEB__PORT": str(port),
        "RETROUVE_MAIL__RELAYS": json.dumps(relays or [relay(mail_port, host=place.address)]),
        "RETROUVE_SMS__GATEWAYS": json.dumps([gateway(sms_port, host=place.address)]),
        "RETROUVE_SMS__CALLBACK_NETWORKS": json.dumps([f"{place.address}/32"]),
        "RETROUVE_POLICY__CODE_CALL_AFTER_SECONDS": "0",  # this gateway cannot call
        "RETROUVE_THROTTLE_NETWORKS": "false",
        **PATIENT,
    }
    made = Installation(
        site, folder, port=port, mail_port=mail_port, sms_port=sms_port, variables=variables, place=place
    )
    try:
        yield made
    finally:
        for process in made.parts.values():
            put_down(process)


@contextmanager
def hosts(
    folder: Path, database: str, *, places: Sequence[Place] = (HERE, HERE), voters: int = VOTERS
) -> Iterator[list[Installation]]:
    """Make one host for each place. All use one empty database, and the mail server and telephones of the first host."""
    with ExitStack() as stack:
        made = [
            stack.enter_context(installation(folder / f"host-{number}", voters=voters, place=place))
            for number, place in enumerate(places)
        ]
        move = "move", database, "--dir", made[0].folder
        if inside := places[0].inside:
            subprocess.run([*inside, *RETROUVE, *move], stdout=subprocess.DEVNULL, check=True)  # our own command
        else:
            said(*move)
        for host in made:
            host.database = database
            host.variables["RETROUVE_DATABASE_URL"] = database
            for shared in ("RETROUVE_MAIL__RELAYS", "RETROUVE_SMS__GATEWAYS"):
                host.variables[shared] = made[0].variables[shared]
        yield made


def answers(site: str) -> bool:
    try:
        return exchange(site, "GET", "/readyz").status == 200
    except (OSError, http.client.HTTPException):
        return False


def relay(port: int, **more: object) -> dict[str, Any]:
    """Return the settings of a mail relay on this machine."""
    return {"host": "127.0.0.1", "port": port, "tls": "none", **more}


def gateway(port: int, *, host: str = "127.0.0.1", **more: object) -> dict[str, Any]:
    """Return the settings of an SMS gateway. Its password is the secret in the election's folder."""
    url = f"http://{host}:{port}{SENDSMS}"
    return {"url": url, "username": "retrouve", "password_file": "sms.secret", "sender": "38000", **more}


def _forget_the_board(folder: Path) -> None:
    """Remove the address of the electoral board, because tests count mails."""
    settings = folder / "election.toml"
    text = settings.read_text(encoding="utf-8")
    head, _, rest = text.partition("[board]\n")
    settings.write_text(head + rest.partition("\n\n")[2], encoding="utf-8")
