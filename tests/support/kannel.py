"""Runs Kannel's two processes on loopback in a temporary folder, with mobile operators for them."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread

from demo.sms_gateway import CallbackLoop
from demo.telephones import DemoSmsStore
from tests.support.local_kannel import SMPP_SMSC, LocalKannel
from tests.support.product import eventually, free_port, put_down
from tests.support.smpp_operator import MobileOperator, SmppShortMessage, SmppStatus

FAKESMSC_GROUP = """\
group = smsc
smsc = fake
smsc-id = operator
our-host = 127.0.0.1
port = {port}
connect-allow-ip = 127.0.0.1
"""
FAKESMSC = "/usr/lib/kannel/test/fakesmsc"
PASSWORD = "operator"
"""Password of the gateway and of every operator. SMPP allows at most eight characters."""
SENDER = "38000"


@dataclass
class ReportReceiver:
    """Records the requests with which a gateway sends delivery reports, and their credentials."""

    heard: list[str] = field(default_factory=list)
    identities: set[str | None] = field(default_factory=set)
    url: str = ""

    def statuses(self, message: str) -> list[str]:
        """Return the statuses that were reported for an SMS, oldest first."""
        return [line.rpartition("=")[2] for line in self.heard if line.startswith(f"/report/{message}?")]


@contextmanager
def sink() -> Iterator[ReportReceiver]:
    """Listen for delivery reports while the block runs."""
    made = ReportReceiver()

    class Taker(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            made.identities.add(self.headers.get("Authorization"))
            made.heard.append(self.path)
            self.send_response(202)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Taker) as server:
        server.daemon_threads = True
        made.url = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield made
        finally:
            server.shutdown()


class ScriptedOperator(MobileOperator):
    """An operator that gives the answers in `says` to the next SMS, and then accepts SMS as usual."""

    def __init__(self, place: tuple[str, int], telephones: DemoSmsStore) -> None:
        super().__init__(place, telephones, password=PASSWORD, sender=SENDER)
        self.says: list[SmppStatus] = []
        self.asked = 0
        self.last: SmppShortMessage | None = None

    def accept_sms(self, short: SmppShortMessage) -> SmppStatus:
        self.asked += 1
        self.last = short
        return self.says.pop(0) if self.says else super().accept_sms(short)


@contextmanager
def operator(port: int, telephones: DemoSmsStore) -> Iterator[ScriptedOperator]:
    """Run a mobile operator while the block runs. Afterwards close its connections."""
    stopping = Event()
    with ScriptedOperator(("127.0.0.1", port), telephones) as made:
        threads = [
            Thread(target=made.serve_forever, args=(0.05,), daemon=True),
            Thread(target=CallbackLoop(telephones, made).run, args=(stopping,), daemon=True),
        ]
        for thread in threads:
            thread.start()
        try:
            yield made
        finally:
            stopping.set()
            made.shutdown()
            made.close_sessions()
            threads[1].join()


@contextmanager
def boxes(smsc: str, inbound: str) -> Iterator[LocalKannel]:
    """Run both processes of Kannel for an operator. They send voters' SMS to the URL `inbound`."""
    with TemporaryDirectory(prefix="retrouve-kannel-") as folder:
        kannel = LocalKannel(
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
def with_smpp(inbound: str) -> Iterator[tuple[LocalKannel, int]]:
    """Run Kannel for an operator on a free port. Yields Kannel and the port, on which no operator listens yet."""
    port = free_port()
    with boxes(SMPP_SMSC.format(port=port, password=PASSWORD), inbound) as kannel:
        yield kannel, port


@contextmanager
def with_fakesmsc(inbound: str, sender: str, text: str) -> Iterator[tuple[LocalKannel, Path]]:
    """Run Kannel with its own fake operator, which sends one SMS.

    Yields Kannel and the file to which the operator writes the SMS that it receives.
    """
    port = free_port()
    with ExitStack() as stack:
        kannel = stack.enter_context(boxes(FAKESMSC_GROUP.format(port=port), inbound))
        printed = kannel.folder / "fakesmsc.log"
        with printed.open("wb") as log:
            message = f"{sender} {SENDER} text {text}"
            command = ["stdbuf", "-oL", FAKESMSC, "-H", "127.0.0.1", "-r", str(port), "-m", "1", message]
            fake = subprocess.Popen(command, stdout=log, stderr=log)
        stack.callback(put_down, fake)
        eventually(lambda: "(online" in kannel.status(), "a fake operator")
        yield kannel, printed
