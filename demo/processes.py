"""Starts a demo's programs, as well as its mail server and SMS gateway."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import tomllib
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from core.adapters.database_clock import DatabaseSyncedClock
from core.app import SETTINGS_FILE
from core.text.faces import demo_cli_sentences as words
from core.text.urls import sms_answer_url
from demo import DemoRefused
from demo.folder import MAILBOX_FILE, SMS_SECRET_FILE, TELEPHONE_FILE
from demo.mailbox import DemoMailFile, start_mail_server
from demo.settings import GATEWAY_ADDRESS
from demo.sms_gateway import DemoGatewayAccount, start_gateway
from demo.telephones import DemoSmsStore

HERE = "127.0.0.1"
SMS_USER = "retrouve"

RETROUVE = (sys.executable, "-P", "-m", "cli")
"""The command line that starts `retrouve`. The option -P prevents imports from the current folder."""
ENDED_WITH_THE_DEMO = ("setpriv", "--pdeathsig", "TERM")
"""Command prefix. A command with this prefix receives SIGTERM when its parent process ends."""
SECONDS_TO_STOP = 2.0
SECONDS_TO_START = 60
POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class RunningCommand:
    name: str
    process: "subprocess.Popen[bytes]"
    log: Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HERE, 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def run_commands(
    names: Sequence[str], folder: Path, variables: Mapping[str, str], logs: Path
) -> Iterator[list[RunningCommand]]:
    """Run `retrouve NAME --dir FOLDER` for each name until the block ends."""
    started: list[RunningCommand] = []
    try:
        for name in names:
            log = logs / f"{name}.log"
            with log.open("ab") as file:
                process = subprocess.Popen(  # noqa: S603  # our own command
                    [*ENDED_WITH_THE_DEMO, *RETROUVE, name, "--dir", str(folder)],
                    env={**os.environ, **variables},
                    stdin=subprocess.DEVNULL,
                    stdout=file,
                    stderr=file,
                    start_new_session=True,  # Ctrl+C must reach only the demo, which stops the others
                )
            started.append(RunningCommand(name, process, log))
        yield started
    finally:
        _stop(started)


def ask_to_stop(started: Sequence[RunningCommand]) -> None:
    for each in started:
        each.process.terminate()


def _stop(started: Sequence[RunningCommand]) -> None:
    ask_to_stop(started)
    deadline = time.monotonic() + SECONDS_TO_STOP
    for each in started:
        try:
            each.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(each.process.pid, signal.SIGKILL)
            each.process.wait()


def wait_until_ready(address: str, started: Sequence[RunningCommand], stopping: Callable[[], bool]) -> None:
    """Wait until the site answers. Raises DemoRefused."""
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and not stopping():
        require_running(started)
        with suppress(OSError), urllib.request.urlopen(f"{address}/readyz", timeout=1):  # noqa: S310  # our own loopback address
            return
        time.sleep(POLL_SECONDS)
    if not stopping():
        raise DemoRefused(words.NOT_READY, seconds=SECONDS_TO_START, logs=str(started[0].log.parent))


def require_running(started: Sequence[RunningCommand]) -> None:
    for each in started:
        if each.process.poll() is not None:
            raise DemoRefused(words.STOPPED_BY_ITSELF, process=each.name, log=str(each.log))


def start_mailbox_and_telephones(folder: Path, site: str, offset: timedelta) -> dict[str, str]:
    """Start the mail server and the SMS gateway. Returns the courier's settings for both."""
    mail_port, sms_port = free_port(), free_port()
    start_mail_server(DemoMailFile(folder / MAILBOX_FILE), HERE, mail_port)
    secret = (folder / SMS_SECRET_FILE).read_text("utf-8").strip()
    account = DemoGatewayAccount(username=SMS_USER, password=secret, inbound=sms_answer_url(site), secret=secret)
    telephones = DemoSmsStore(folder / TELEPHONE_FILE, DatabaseSyncedClock(offset))
    start_gateway(telephones, account, HERE, sms_port)
    relay = {"host": HERE, "port": mail_port, "tls": "none"}
    declared = tomllib.loads((folder / SETTINGS_FILE).read_text("utf-8"))["sms"]["gateways"]
    gateways = json.dumps(declared).replace(GATEWAY_ADDRESS, f"http://{HERE}:{sms_port}/")
    return {"RETROUVE_MAIL__RELAYS": json.dumps([relay]), "RETROUVE_SMS__GATEWAYS": gateways}
