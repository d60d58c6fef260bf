"""The running product, as someone who installed it starts it: `retrouve demo` in a process of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from playwright.sync_api import Browser, Playwright

from core.text import Language

T = TypeVar("T")

CHROMIUM = "/usr/bin/chromium"
CHROMIUM_OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
SECONDS_TO_STOP = 5
SECONDS_FOR_A_MAIL = 15
POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Person:
    """A fictional voter, as a caller would know themselves."""

    email: str
    first_name: str
    last_name: str
    language: Language


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that arrived."""

    id: str
    subject: str
    text: str
    html: str


class DidNotHappen(AssertionError):
    """What was waited for did not come in time."""


def eventually(find: Callable[[], T | None], what: str, seconds: float = SECONDS_FOR_A_MAIL) -> T:
    """What `find` finds, as soon as it does."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = find()
        if found is not None:
            return found
        time.sleep(POLL_SECONDS)
    raise DidNotHappen(what)


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@dataclass
class Demo:
    """A demo, started."""

    site: str
    folder: Path
    _given: set[str] = field(default_factory=set)

    def new_voter(self, language: Language = Language.FRENCH) -> Person:
        """Someone on the roll, in whose name nothing was done yet."""
        person = next(each for each in self.people() if each.language is language and each.email not in self._given)
        self._given.add(person.email)
        return person

    def people(self) -> list[Person]:
        """Everyone on the roll."""
        return [
            Person(each["email"], each["first_name"], each["last_name"], Language(each["language"]))
            for each in self._json("/demo/voters.json")
        ]

    def mails(self, person: Person) -> list[Mail]:
        """What lies in someone's mailbox, the newest first."""
        found = self._json(f"/demo/messages.json?to={urllib.parse.quote(person.email)}")
        return [Mail(each["id"], each["subject"], each["text"], each["html"]) for each in found]

    def logs(self) -> str:
        """All that its processes have logged."""
        return "".join(path.read_text(encoding="utf-8") for path in (self.folder / "logs").glob("*.log"))

    def _json(self, path: str) -> list[dict[str, Any]]:
        with urllib.request.urlopen(self.site + path, timeout=10) as answer:  # our own loopback address
            found: list[dict[str, Any]] = json.load(answer)
        return found


@contextmanager
def demo_running(folder: Path, *, now: datetime | None = None, port: int | None = None) -> Iterator[Demo]:
    """A demo in that folder, until the end of the block. It must stop in time and leave no process behind."""
    port = port or free_port()
    command = [sys.executable, "-m", "cli", "demo", "--headless", "--port", str(port), "--dir", str(folder)]
    command += ["--voters", "40", "--no-throttle"]
    command += [] if now is None else ["--now", now.isoformat(timespec="seconds")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        with process.stdout:
            assert process.stdout.readline() == f"ready http://127.0.0.1:{port}\n"
            yield Demo(f"http://127.0.0.1:{port}", folder)
    finally:
        _stop(process)


def _stop(process: "subprocess.Popen[str]") -> None:
    """In time, without an error and with all its children; whatever is left after that is killed."""
    family = _descendants(process.pid)
    process.send_signal(signal.SIGTERM)
    try:
        assert process.wait(SECONDS_TO_STOP) == 0
        assert [pid for pid in family if _alive(pid)] == []
    finally:
        for pid in (process.pid, *family):
            if _alive(pid):
                os.kill(pid, signal.SIGKILL)
        process.wait()


def _descendants(pid: int) -> list[int]:
    children = [int(each) for path in Path(f"/proc/{pid}/task").glob("*/children") for each in path.read_text().split()]
    return [*children, *(grandchild for child in children for grandchild in _descendants(child))]


def _alive(pid: int) -> bool:
    """Whether it still runs; one that ended and was not yet taken note of does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] not in {"Z", "X"}
    except (FileNotFoundError, ProcessLookupError):
        return False


def chromium(playwright: Playwright) -> Browser:
    """The system's Chromium; it calls nobody by itself."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_OPTIONS)
