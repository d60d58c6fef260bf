"""A Kannel of our own: both boxes on free loopback ports, in a temporary folder; and the operators behind it."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread

from cli.kannel import FAKE_SMSC, SMPP_SMSC, Kannel
from core.adapters.telephone.operator import Operator
from core.adapters.telephone.smpp import Short, Status
from core.adapters.telephone.store import Telephones
from core.adapters.telephone.telling import Telling
from tests.support.product import eventually, free_port, put_down

FAKESMSC = "/usr/lib/kannel/test/fakesmsc"
PASSWORD = "operator"
"""Also the gateway's: SMPP has room for eight characters."""
SENDER = "38000"


@dataclass
class Sink:
    """Somebody who takes what a gateway tells: the request lines, and who it says it is."""

    heard: list[str] = field(default_factory=list)
    identities: set[str | None] = field(default_factory=set)
    url: str = ""

    def statuses(self, message: str) -> list[str]:
        """The reports of one SMS, in the order they came."""
        return [line.rpartition("=")[2] for line in self.heard if line.startswith(f"/report/{message}?")]


@contextmanager
def sink() -> Iterator[Sink]:
    """Listens until the end of the block."""
    made = Sink()

    class Taker(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            made.identities.add(self.headers.get("Authorization"))
            made.heard.append(self.path)
            self.send_response(202)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Taker) as server:
        server.daemon_threads = True
        made.url = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield made
        finally:
            server.shutdown()


class Moody(Operator):
    """An operator that answers as a test wants; `says` is one answer for each of the next SMS, then as ever."""

    def __init__(self, place: tuple[str, int], telephones: Telephones) -> None:
        super().__init__(place, telephones, password=PASSWORD, sender=SENDER)
        self.says: list[Status] = []
        self.asked = 0
        self.last: Short | None = None

    def verdict(self, short: Short) -> Status:
        """The next of `says`."""
        self.asked += 1
        self.last = short
        return self.says.pop(0) if self.says else super().verdict(short)


@contextmanager
def operator(port: int, telephones: Telephones) -> Iterator[Moody]:
    """One at work until the end of the block; its lines are cut then."""
    stopping = Event()
    with Moody(("127.0.0.1", port), telephones) as made:
        threads = [
            Thread(target=made.serve_forever, args=(0.05,), daemon=True),
            Thread(target=Telling(telephones, made).run, args=(stopping,), daemon=True),
        ]
        for thread in threads:
            thread.start()
        try:
            yield made
        finally:
            stopping.set()
            made.shutdown()
            made.hang_up()
            threads[1].join()


@contextmanager
def boxes(smsc: str, inbound: str) -> Iterator[Kannel]:
    """Both boxes, started, with that operator; answers of voters are told at `inbound`."""
    with TemporaryDirectory(prefix="retrouve-kannel-") as folder:
        kannel = Kannel(
            folder=Path(folder),
            admin_port=free_port(),
            box_port=free_port(),
            send_port=free_port(),
            smsc=smsc,
            username="retrouve",
            password=PASSWORD,
            inbound=inbound,
        )
        kannel.configure()
        try:
            kannel.start()
            yield kannel
        finally:
            for box in kannel.boxes.values():
                put_down(box)


@contextmanager
def with_smpp(inbound: str) -> Iterator[tuple[Kannel, int]]:
    """Boxes that look for an operator at the port that is given along; nobody is there yet."""
    port = free_port()
    with boxes(SMPP_SMSC.format(port=port, password=PASSWORD), inbound) as kannel:
        yield kannel, port


@contextmanager
def with_fakesmsc(inbound: str, sender: str, text: str) -> Iterator[tuple[Kannel, Path]]:
    """Boxes with Kannel's own fake operator, which sends that one SMS, and the file where it prints what it gets."""
    port = free_port()
    with ExitStack() as stack:
        kannel = stack.enter_context(boxes(FAKE_SMSC.format(port=port), inbound))
        printed = kannel.folder / "fakesmsc.log"
        with printed.open("wb") as log:
            message = f"{sender} {SENDER} text {text}"
            command = ["stdbuf", "-oL", FAKESMSC, "-H", "127.0.0.1", "-r", str(port), "-m", "1", message]
            fake = subprocess.Popen(command, stdout=log, stderr=log)
        stack.callback(put_down, fake)
        eventually(lambda: "(online" in kannel.status(), "a fake operator")
        yield kannel, printed
