"""The product in processes of its own, started as its operator starts it, watched from outside, stopped by pid."""

import atexit
import http.client
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes
from email.policy import default
from functools import cache, cached_property
from pathlib import Path
from random import SystemRandom
from shutil import copytree, rmtree
from tempfile import mkdtemp
from threading import Barrier, Thread
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit
from urllib.request import Request
from zoneinfo import ZoneInfo

from tests.support.client import Client, Page

T = TypeVar("T")

RETROUVE = (sys.executable, "-m", "cli")
PARIS = ZoneInfo("Europe/Paris")
SECONDS_TO_START = 30
SECONDS_TO_STOP = 5
SECONDS_FOR_A_MAIL = 20
POLL_SECONDS = 0.02
VOTERS = 60
BELOW_EPHEMERAL = range(20_000, 32_000)
LINK = re.compile(r"https?://\S+/(?:lien|pas-moi)/[A-Za-z0-9_-]+")
NEITHER = "no link"
MAKE_DEMO = """
import sys
from datetime import datetime
from pathlib import Path
from cli.demo import PARIS
from cli.demo_folder import make_demo
make_demo(Path(sys.argv[1]), int(sys.argv[2]), datetime.now(PARIS))
"""


class DidNotHappen(AssertionError):
    """What was waited for did not come in time."""


def eventually(find: Callable[[], T], what: str, seconds: float = SECONDS_FOR_A_MAIL) -> T:
    """What `find` finds, as soon as it is something."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := find():
            return found
        time.sleep(POLL_SECONDS)
    raise DidNotHappen(what)


def free_port() -> int:
    """A port of this machine that nobody listens on, and that the kernel gives to no outgoing connection meanwhile."""
    for port in SystemRandom().sample(BELOW_EPHEMERAL, 100):
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return port
    raise DidNotHappen("a free port")


def together(act: Callable[[int], T], count: int) -> list[T]:
    """What `count` threads get that begin in one instant."""
    barrier = Barrier(count)
    results: dict[int, T] = {}

    def run(number: int) -> None:
        barrier.wait(20)
        results[number] = act(number)

    threads = [Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(results) == count
    return [results[number] for number in range(count)]


# ── What goes over the wire ──────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Answer:
    """A response, as it was sent."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        """The first of that name."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def page(self) -> Page:
        """What a reader sees of it."""
        return Page(self.status, "", http.client.HTTPMessage(), self.body.decode("utf-8", "replace"))


def exchange(
    site: str,
    method: str,
    path: str,
    body: bytes | Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    *,
    source: str = "127.0.0.1",
    seconds: float = 30,
) -> Answer:
    """One request with exactly these headers, from that address of this machine. A mapping is sent as a form."""
    place = urlsplit(site)
    sent = dict(headers or {})
    if isinstance(body, Mapping):
        body = urlencode(body).encode()
    if body is not None:
        sent.setdefault("Content-Type", "application/x-www-form-urlencoded")
    with closing(
        http.client.HTTPConnection(str(place.hostname), place.port, timeout=seconds, source_address=(source, 0))
    ) as line:
        with suppress(BrokenPipeError, ConnectionResetError):  # an answer may come before the end of the request
            line.request(method, path, body, sent)
        return answer_on(line)


def answer_on(line: http.client.HTTPConnection) -> Answer:
    """The answer to what was sent on that connection."""
    response = line.getresponse()
    return Answer(response.status, response.getheaders(), response.read())


class Browser(Client):
    """One person's browser at the product's site. What only its owner may know is told to the product's `secrets`."""

    def __init__(self, product: "Product") -> None:
        super().__init__(product.site)
        self._secrets = product.secrets

    def _send(self, request: Request, *, follow: bool) -> Page:
        page = super()._send(request, follow=follow)
        self._secrets.update(str(each.value) for each in self.cookies if each.name != "lang")
        return page

    @property
    def held(self) -> dict[str, str]:
        """Its cookies."""
        return {each.name: str(each.value) for each in self.cookies}

    @property
    def cookie(self) -> str:
        """Its cookies, as a header."""
        return "; ".join(f"{name}={value}" for name, value in self.held.items())

    def confirm(self, email: str) -> Page:
        """To MP-3, where the message can be asked for."""
        page = self.post("/", {"email": email})
        return self.post(page.url, {"choice": "forgotten"})

    def ask(self, email: str) -> Page:
        """To MP-4, the message asked for."""
        return self.post(self.confirm(email).url)

    def choose(self, password: str, again: str | None = None) -> Page:
        """At MP-6."""
        self._secrets.add(password)
        typed = {"new_password": password, "new_password_again": password if again is None else again}
        return self.post(CHOOSE, typed)

    def sign_in(self, email: str, password: str) -> Page:
        """From MP-1 through MP-2."""
        self._secrets.add(password)
        page = self.post("/", {"email": email})
        return self.post(page.url, {"choice": "sign-in", "password": password})


CHOOSE = "/mot-de-passe/nouveau-mot-de-passe"
MESSAGE = "/mot-de-passe/message"
SPACE = "/espace/accueil"

# ── A product, however it was started ────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Voter:
    """A fictional voter, as a caller would know themselves."""

    email: str
    birth_date: str
    numen: str
    phone: str
    last_name: str
    first_name: str
    academie: str
    language: str


@dataclass(frozen=True)
class Mail:
    """A mail that arrived; `raw` is what the relay was given."""

    to: str
    raw: bytes

    @cached_property
    def _parsed(self) -> Any:  # noqa: ANN401  # the standard library's message, with its loose types
        return message_from_bytes(self.raw, policy=default)

    @property
    def subject(self) -> str:
        """As a person reads it."""
        return str(self._parsed["Subject"])

    @property
    def message_id(self) -> str:
        """The same for the same mail."""
        return str(self._parsed["Message-ID"])

    def part(self, kind: str) -> str:
        """Its part "plain" or "html"; empty if there is none."""
        found = self._parsed.get_body((kind,))
        return "" if found is None else str(found.get_content()).replace("\r\n", "\n")

    @property
    def words(self) -> str:
        """Its text, each line break a space."""
        return " ".join(self.part("plain").split())

    @property
    def link(self) -> str:
        """The address it asks its reader to open, or `NEITHER`."""
        found = LINK.search(self.part("plain"))
        return NEITHER if found is None else found[0]

    @property
    def token(self) -> str:
        """What makes that address unguessable."""
        return self.link.rpartition("/")[2]


@dataclass
class Product:
    """A site, its folder, and what this run's voters did there."""

    site: str
    folder: Path
    used: dict[str, Voter] = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set)

    @cached_property
    def voters(self) -> list[Voter]:
        """Everyone on the roll."""
        lines = (self.folder / "voters.json").read_text(encoding="utf-8").splitlines()
        return [Voter(**json.loads(line)) for line in lines]

    def new_voter(self, language: str = "fr") -> Voter:
        """Someone in whose name nothing was done yet."""
        voter = next(each for each in self.voters if each.language == language and each.email not in self.used)
        self.used[voter.email] = voter
        return voter

    def browser(self) -> Browser:
        """A fresh one."""
        return Browser(self)

    def mails(self, to: str | None = None) -> list[Mail]:
        """What lies in the mailbox, the oldest first."""
        path = self.folder / "mailbox.sqlite3"
        if not path.exists():
            return []
        with closing(sqlite3.connect(path)) as connection:
            rows = connection.execute("SELECT recipient, raw FROM mail ORDER BY id").fetchall()
        return [Mail(*row) for row in rows if to in (None, row[0])]

    def mail(self, to: str, *, count: int = 1) -> Mail:
        """The newest of the first `count` mails to someone, as soon as they are there."""
        return eventually(lambda: self.mails(to)[:count][count - 1 :], f"{count} mails to {to}")[0]

    def links(self, voter: Voter) -> list[Mail]:
        """Those of someone's mails that hold a recovery link."""
        return [mail for mail in self.mails(voter.email) if "/lien/" in mail.link]

    def link(self, voter: Voter) -> str:
        """Asks in a voter's name and reads the link in their mailbox."""
        there = len(self.links(voter))
        self.browser().ask(voter.email)
        mail = eventually(lambda: self.links(voter)[there:], f"a link to {voter.email}")[0]
        self.secrets.add(mail.token)
        return mail.link

    def links_of(self, voters: Sequence[Voter]) -> dict[str, str]:
        """Asks for all of them, then reads the links of those who had none before, by address."""
        for voter in voters:
            self.browser().ask(voter.email)
        self.settled()
        found = {mail.to: mail for mail in self.mails()}
        self.secrets.update(found[voter.email].token for voter in voters)
        return {voter.email: found[voter.email].link for voter in voters}

    def at_choice(self, voter: Voter) -> Browser:
        """A browser that has opened a fresh link."""
        browser = self.browser()
        browser.get(self.link(voter))
        return browser

    def give_password(self, voter: Voter, password: str) -> Browser:
        """Chooses it by a fresh link; returns the browser, now recognised."""
        browser = self.at_choice(voter)
        page = browser.choose(password)
        assert page.step == "MP-7", page.text
        return browser

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What the database says."""
        with closing(sqlite3.connect(self.folder / "retrouve.sqlite3", timeout=10)) as connection:
            return connection.execute(query, values).fetchall()

    def epoch(self, voter: Voter) -> int:
        """How often that voter's password was changed, or their account frozen."""
        found: int = self.rows("SELECT epoch FROM voters WHERE email = ?", voter.email)[0][0]
        return found

    def settled(self) -> None:
        """Waits until nothing waits to be decided or sent."""
        waiting = "SELECT count(*) FROM outbox WHERE state = 'waiting'"
        eventually(lambda: self.rows(waiting) == [(0,)], "an empty outbox")

    def considered(self, count: int) -> None:
        """Waits until the courier has had that many parcels in hand, whatever became of them."""
        looked_at = "SELECT count(*) FROM outbox WHERE state != 'waiting' OR reason IS NOT NULL"
        eventually(lambda: self.rows(looked_at) == [(count,)], f"{count} parcels considered")

    def events(self, case: str) -> list[tuple[str, str | None]]:
        """What the journal says of a case: the act and its reason."""
        return self.rows('SELECT act, reason FROM events WHERE "case" = ? ORDER BY id', case)

    def logs(self) -> str:
        """All that its processes have logged."""
        return "".join(path.read_text(encoding="utf-8") for path in sorted((self.folder / "logs").glob("*.log")))


# ── Processes ────────────────────────────────────────────────────────────────────────────────────────────


def descendants(pid: int) -> list[int]:
    """The processes that one started, and theirs."""
    children: list[int] = []
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            children += map(int, tasks.read_text().split())
    return [*children, *(each for child in children for each in descendants(child))]


def alive(pid: int) -> bool:
    """Whether that process runs."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def put_down(process: "subprocess.Popen[Any]") -> None:
    """Ends it and all it started, whatever state they are in."""
    family = [process.pid, *descendants(process.pid)]
    for pid in family if process.poll() is None else family[1:]:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()


@dataclass
class Demo(Product):
    """`retrouve demo --headless`."""

    process: "subprocess.Popen[str]" = field(kw_only=True)

    @property
    def workers(self) -> list[int]:
        """The web processes: the children of `serve`."""
        serve = next(pid for pid in descendants(self.process.pid) if "serve" in command_of(pid))
        return [pid for pid in descendants(serve) if "resource_tracker" not in " ".join(command_of(pid))]


def command_of(pid: int) -> list[str]:
    """How a process was started."""
    return Path(f"/proc/{pid}/cmdline").read_text().split("\0")


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
) -> Iterator[Demo]:
    """A demo in that folder until the end of the block; SIGTERM must then end it, and all it started, in time."""
    port = port or free_port()
    arguments = ["demo", "--headless", "--port", str(port), "--dir", str(folder), "--voters", str(voters), *options]
    arguments += [] if now is None else ["--now", now.isoformat()]
    process = subprocess.Popen(  # our own command
        [*command, *arguments],
        cwd=cwd,
        env={**os.environ, **(variables or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == f"ready http://127.0.0.1:{port}\n"
        started = descendants(process.pid)
        yield Demo(f"http://127.0.0.1:{port}", cwd / folder, process=process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS_TO_STOP) == 0
        eventually(lambda: not any(map(alive, started)), "the end of its processes", 1)
    finally:
        put_down(process)
        if process.stdout is not None:
            process.stdout.close()


@dataclass
class Installation(Product):
    """The folder of a demo whose parts are started one by one."""

    port: int = field(kw_only=True)
    mail_port: int = field(kw_only=True)
    variables: dict[str, str] = field(kw_only=True)
    parts: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def start(
        self, name: str, *, ready: bool = True, log_file: Path | None = None, **variables: str
    ) -> "subprocess.Popen[bytes]":
        """Starts `mailbox`, `courier` or `serve`, with these variables over those of the installation."""
        arguments = ["--dir", str(self.folder)]
        if name == "mailbox":
            arguments = ["--file", str(self.folder / "mailbox.sqlite3"), "--port", str(self.mail_port)]
        with (log_file or self.folder / "logs" / f"{name}.log").open("ab") as log:
            self.parts[name] = subprocess.Popen(  # our own command
                [*RETROUVE, name, *arguments],
                env={**os.environ, **self.variables, **variables},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        if ready and name == "serve":
            eventually(lambda: answers(self.site), "a ready site", SECONDS_TO_START)
        if ready and name == "mailbox":
            eventually(lambda: listens(self.mail_port), "a mailbox", SECONDS_TO_START)
        return self.parts[name]

    def stop(self, name: str) -> None:
        """SIGTERM."""
        process = self.parts.pop(name)
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(SECONDS_TO_STOP)
        finally:
            put_down(process)

    def kill(self, name: str) -> None:
        """SIGKILL."""
        put_down(self.parts.pop(name))


@cache
def demo_folder() -> Path:
    """A demo's folder that nothing was started in, made once; each installation is a copy."""
    above = Path(mkdtemp())
    atexit.register(rmtree, above)
    command = [sys.executable, "-c", MAKE_DEMO, str(above / "demo"), str(VOTERS)]
    subprocess.run(command, stderr=subprocess.DEVNULL, check=True)  # our own command
    return above / "demo"


@contextmanager
def installation(folder: Path, *, relays: list[dict[str, Any]] | None = None) -> Iterator[Installation]:
    """A demo's folder, nothing started. `relays` stand in for the demo's mailbox."""
    copytree(demo_folder(), folder)
    port, mail_port = free_port(), free_port()
    site = f"http://127.0.0.1:{port}"
    variables = {
        "RETROUVE_ELECTION__SITE": site,
        "RETROUVE_WEB__PORT": str(port),
        "RETROUVE_MAIL__RELAYS": json.dumps(relays or [relay(mail_port)]),
        "RETROUVE_THROTTLE_NETWORKS": "false",
    }
    made = Installation(site, folder, port=port, mail_port=mail_port, variables=variables)
    try:
        yield made
    finally:
        for process in made.parts.values():
            put_down(process)


def relay(port: int, **more: object) -> dict[str, Any]:
    """The settings of a relay on this machine."""
    return {"host": "127.0.0.1", "port": port, "tls": "none", **more}


def answers(site: str) -> bool:
    """Whether the site says that it is ready."""
    try:
        return exchange(site, "GET", "/readyz").status == 200
    except (OSError, http.client.HTTPException):
        return False


def listens(port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
