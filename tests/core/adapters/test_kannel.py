"""KannelGateways against gateways on this machine that say what a test wants."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from structlog.testing import capture_logs

from core.adapters.kannel import FIRST_PAUSE_SECONDS, Gateway, KannelGateways, delivery_of
from core.ports import Delivery, Postponed, Refused, Sent, Sms
from tests.support.election import NOON
from tests.support.product import eventually, free_port

SMS = Sms(
    recipient="+33612345678",
    text="Code : 012345 é",
    message_id="code.7F3K-92QD.12",
    useful_until=NOON + timedelta(minutes=10),
)
QUIET = 0
"""Takes everything and answers nothing."""
TAKEN = (202, "0: Accepted for delivery")
QUEUED = (202, "3: Queued for later delivery")
BUSY = (503, "Temporal failure, try again later.")
UNROUTABLE = (403, "Not routable. Do not try again.")
WRONG_PASSWORD = (403, "Authorization failed for sendsms")


@dataclass
class Box:
    """An smsbox that says one thing."""

    says: tuple[int, str]
    port: int = 0
    heard: list[tuple[dict[str, str], str]] = field(default_factory=list)
    connections: int = 0
    hangs_up: bool = False
    hung_up: int = 0

    @property
    def gateway(self) -> Gateway:
        """Its settings."""
        url = f"http://127.0.0.1:{self.port}/cgi-bin/sendsms"
        return Gateway(url=url, username="retrouve", password="open", sender="38000", timeout_seconds=0.5)


Start = Callable[..., Box]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts gateways; they stop with the test."""
    with ExitStack() as stack:

        def run(says: tuple[int, str], *, hangs_up: bool = False) -> Box:
            box = Box(says, hangs_up=hangs_up)
            server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(box))
            server.daemon_threads = True
            box.port = server.server_address[1]
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
            stack.callback(server.server_close)
            stack.callback(server.shutdown)
            return box

        yield run


def _handler(box: Box) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            box.connections += 1
            super().setup()

        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            box.heard.append((dict(self.headers.items()), text))
            status, words = box.says
            if status == QUIET:
                threading.Event().wait(1)
                return
            self.send_response(status)
            self.send_header("Content-Length", str(len(words)))
            self.end_headers()
            self.wfile.write(words.encode())
            self.close_connection = box.hangs_up

        def finish(self) -> None:
            super().finish()
            self.request.close()
            box.hung_up += 1

        def log_message(self, *_: object) -> None:
            """Nothing."""

    return Handler


class Seconds:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """The time."""
        return self.now


def nobody() -> Box:
    """A gateway that is down."""
    return Box(TAKEN, port=free_port())


Over = Callable[..., KannelGateways]


@pytest.fixture
def over() -> Iterator[Over]:
    """Makes gateways of boxes, in that order; they let go of their connections at the end."""
    report_to = "http://127.0.0.1:8000/sms/report/{}/tag?status=%d".format
    with ExitStack() as stack:

        def make(
            *boxes: Box, clock: Callable[[], float] | None = None, now: Callable[[], datetime] = lambda: NOON
        ) -> KannelGateways:
            made = KannelGateways([box.gateway for box in boxes], report_to, now, clock=clock or Seconds())
            stack.callback(made.close)
            return made

        yield make


def test_an_sms_is_handed_over_as_kannel_reads_it(start: Start, over: Over) -> None:
    """The text in the body; who, to whom, and where to report in headers: nothing in the address, which is logged."""
    box = start(TAKEN)

    said = over(box).send(SMS)

    ((headers, text),) = box.heard
    assert said == Sent(relay=f"127.0.0.1:{box.port}")
    assert text == SMS.text
    assert (
        headers
        | {
            "Content-Type": "text/plain; charset=UTF-8",
            "X-Kannel-Username": "retrouve",
            "X-Kannel-Password": "open",
            "X-Kannel-From": "38000",
            "X-Kannel-To": "+33612345678",
            "X-Kannel-Coding": "0",
            "X-Kannel-Validity": "10",
            "X-Kannel-DLR-Mask": "31",
            "X-Kannel-DLR-Url": "http://127.0.0.1:8000/sms/report/code.7F3K-92QD.12/tag?status=%d",
        }
        == headers
    )


@pytest.mark.parametrize(("passed", "minutes"), [(0, "10"), (61, "8"), (9 * 60, "1"), (9 * 60 + 59, "1")])
def test_case_38_an_operator_is_told_how_long_an_sms_serves(
    start: Start, over: Over, passed: int, minutes: str
) -> None:
    """What is left of its time at this very try, in whole minutes: a code is not handed over when it opens nothing any more."""
    box = start(TAKEN)

    over(box, now=lambda: NOON + timedelta(seconds=passed)).send(SMS)

    assert box.heard[0][0]["X-Kannel-Validity"] == minutes


def test_what_is_queued_is_taken_and_the_connection_is_kept(start: Start, over: Over) -> None:
    """One connection for many SMS."""
    box = start(QUEUED)
    gateways = over(box)

    assert all(isinstance(gateways.send(SMS), Sent) for _ in range(3))
    assert box.connections == 1


def test_a_connection_that_the_gateway_closed_is_replaced_before_an_sms_goes_out(start: Start, over: Over) -> None:
    """Seen before, not after: nothing is sent twice."""
    box = start(TAKEN, hangs_up=True)
    gateways = over(box)

    for number in range(3):
        assert isinstance(gateways.send(SMS), Sent)
        eventually(lambda number=number: box.hung_up > number, "a closed connection")

    assert (len(box.heard), box.connections) == (3, 3)


@pytest.mark.parametrize(
    "first", [BUSY, (500, "oops"), (429, "slow down"), WRONG_PASSWORD, (404, "Unknown request.")], ids=str
)
def test_case_37_what_is_temporary_or_our_fault_goes_to_the_next(
    start: Start, over: Over, first: tuple[int, str]
) -> None:
    """Once a gateway."""
    boxes = start(first), start(TAKEN)

    said = over(*boxes).send(SMS)

    assert said == Sent(relay=f"127.0.0.1:{boxes[1].port}")
    assert [len(box.heard) for box in boxes] == [1, 1]


def test_case_37_a_gateway_that_is_down_is_passed_over(start: Start, over: Over) -> None:
    """And rests a while: the next SMS does not even knock."""
    down, up = nobody(), start(TAKEN)
    gateways = over(down, up)
    assert isinstance(gateways.send(SMS), Sent)

    with socket.create_server(("127.0.0.1", down.port)) as back:
        back.settimeout(0)
        assert isinstance(gateways.send(SMS), Sent)
        with pytest.raises(BlockingIOError):
            back.accept()

    assert len(up.heard) == 2


def test_case_37_what_is_refused_for_good_goes_nowhere_else(start: Start, over: Over) -> None:
    """A number that nothing routes, or one that is none."""
    for says in (UNROUTABLE, (400, "Garbage")):
        boxes = start(says), start(TAKEN)

        said = over(*boxes).send(SMS)

        assert said == Refused(relay=f"127.0.0.1:{boxes[0].port}", reason=f"{says[0]} {says[1]}")
        assert boxes[1].heard == []


def test_case_36_an_sms_without_an_answer_is_not_given_to_another_gateway(start: Start, over: Over) -> None:
    """Perhaps it was taken; the same one gets it again later."""
    boxes = start((QUIET, "")), start(TAKEN)

    said = over(*boxes).send(SMS)

    assert isinstance(said, Postponed)
    assert said.answered
    assert [len(box.heard) for box in boxes] == [1, 0]


def test_a_gateway_gets_its_chance_again_after_its_pause(over: Over) -> None:
    """The pause grows, and ends with the first success."""
    clock, down = Seconds(), nobody()
    gateways = over(down, clock=clock)
    assert gateways.send(SMS) == Postponed(f"127.0.0.1:{down.port}: ConnectionRefusedError", answered=False)
    assert not gateways.reachable()
    assert gateways.send(SMS) == Postponed(f"127.0.0.1:{down.port}: resting after a failure", answered=False)

    with socket.create_server(("127.0.0.1", down.port)):
        clock.now += FIRST_PAUSE_SECONDS

        assert gateways.reachable()


def test_all_that_are_busy_say_so_about_this_very_sms(start: Start, over: Over) -> None:
    """It counts as a try."""
    said = over(start(BUSY), start(BUSY)).send(SMS)

    assert isinstance(said, Postponed)
    assert said.answered


def test_without_a_gateway_an_sms_waits(over: Over) -> None:
    """Until one is set."""
    assert over().send(SMS) == Postponed("no gateway is set", answered=False)
    assert not over().reachable()


def test_a_wrong_password_is_told_to_the_operator(start: Start, over: Over) -> None:
    """In the log, without the password."""
    with capture_logs() as logged:
        over(start(WRONG_PASSWORD)).send(SMS)

    assert [line["event"] for line in logged] == ["gateway-misconfigured"]
    assert "open" not in str(logged)


def test_an_answer_that_repeats_the_sms_is_told_without_it(start: Start, over: Over) -> None:
    """Neither its words nor its number reach a timeline."""
    said = over(start((400, f"Garbage {SMS.text} for {SMS.recipient}\r\n 33612345678"))).send(SMS)

    assert isinstance(said, Refused)
    assert "012345" not in said.reason
    assert "612345678" not in said.reason


@pytest.mark.parametrize(
    ("report", "delivery"),
    [
        ("1", Delivery.DELIVERED),
        ("2", Delivery.UNDELIVERED),
        ("34", Delivery.UNDELIVERED),
        ("4", Delivery.BUFFERED),
        ("8", Delivery.ACCEPTED),
        ("16", Delivery.REJECTED),
        ("0", None),
        ("", None),
        ("-1", None),
        ("1e9", None),
        ("１", None),
        ("1" * 50, None),
    ],
)
def test_what_kannels_numbers_say(report: str, delivery: Delivery | None) -> None:
    """Bits, of which it may set several; anything else is none of its reports."""
    assert delivery_of(report) == delivery
