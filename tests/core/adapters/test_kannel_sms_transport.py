"""SMS are sent to local gateways whose answers the tests set."""

import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from core.adapters.kannel_sms_transport import KannelGateway, KannelProvider, delivery_status_of_report
from core.adapters.logs import collected_lines
from core.adapters.provider_failover import FailoverTransport
from core.delivery.retry_backoff import FIRST_SECONDS
from core.ports import ProcessMeasurements, SendAccepted, SendPostponed, SendRefused, Sms, SmsDeliveryStatus
from tests.support.election import NOON
from tests.support.product import eventually, free_port
from tests.support.smtp_server import MovableSeconds

SMS = Sms(
    recipient="+33612345678",
    text="Code : 012345 é",
    message_id="code.7F3K-92QD.12",
    useful_until=NOON + timedelta(minutes=10),
)
QUIET = 0
"""Status of a gateway that accepts everything and never answers."""
TAKEN = (202, "0: Accepted for delivery")
QUEUED = (202, "3: Queued for later delivery")
BUSY = (503, "Temporal failure, try again later.")
BLOCKED = (400, "Number(s) has/have been denied by white- and/or black-lists.")
UNROUTABLE = (403, "Not routable. Do not try again.")
WRONG_PASSWORD = (403, "Authorization failed for sendsms")


@dataclass
class FakeSmsbox:
    """A gateway that always gives the same answer."""

    says: tuple[int, str]
    port: int = 0
    heard: list[tuple[dict[str, str], str]] = field(default_factory=list)
    connections: int = 0
    hangs_up: bool = False
    hung_up: int = 0

    @property
    def patience_seconds(self) -> float:
        """Number of seconds that the courier waits for the gateway's answer."""
        return 0.5 if self.says[0] == QUIET else 60

    @property
    def gateway(self) -> KannelGateway:
        url = f"http://127.0.0.1:{self.port}/cgi-bin/sendsms"
        return KannelGateway(
            url=url, username="retrouve", password="open", sender="38000", timeout_seconds=self.patience_seconds
        )


class Counts(ProcessMeasurements):
    def __init__(self) -> None:
        self.answers = Counter[tuple[str, bool]]()

    def count_provider_answer(self, provider: str, *, accepted: bool, times: int = 1) -> None:
        self.answers[provider, accepted] += times


Start = Callable[..., FakeSmsbox]


@pytest.fixture
def start() -> Iterator[Start]:
    """Return a function that starts gateways, which stop at the end of the test."""
    with ExitStack() as stack:

        def run(says: tuple[int, str], *, hangs_up: bool = False) -> FakeSmsbox:
            box = FakeSmsbox(says, hangs_up=hangs_up)
            server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(box))
            server.daemon_threads = True
            box.port = server.server_address[1]
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
            stack.callback(server.server_close)
            stack.callback(server.shutdown)
            return box

        yield run


def _handler(box: FakeSmsbox) -> type[BaseHTTPRequestHandler]:
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
                self.rfile.read(1)  # wait until the courier closes the connection
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
            """Log nothing."""

    return Handler


def stopped_gateway() -> FakeSmsbox:
    """Return a gateway that is not running."""
    return FakeSmsbox(TAKEN, port=free_port())


Over = Callable[..., FailoverTransport[Sms]]


@pytest.fixture
def make_gateways() -> Iterator[Over]:
    """Return a function that makes a transport with the given gateways in order."""
    report_to = "http://127.0.0.1:8000/sms/report/{}/tag?status=%d".format
    with ExitStack() as stack:

        def make(
            *boxes: FakeSmsbox,
            clock: Callable[[], float] | None = None,
            now: Callable[[], datetime] = lambda: NOON,
            measures: ProcessMeasurements | None = None,
        ) -> FailoverTransport[Sms]:
            seconds = clock or MovableSeconds()
            connections = [KannelProvider(box.gateway, report_to, now, seconds) for box in boxes]
            made = FailoverTransport(connections, "no gateway is set", measures)
            stack.callback(made.close)
            return made

        yield make


def test_an_sms_is_sent_in_body_and_headers(start: Start, make_gateways: Over) -> None:
    """The text is sent in the body, and the number in a header, because gateways log the address of a request."""
    box = start(TAKEN)

    said = make_gateways(box).send(SMS)

    ((headers, text),) = box.heard
    assert said == SendAccepted(relay=f"127.0.0.1:{box.port}")
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


def test_the_remaining_validity_is_sent(start: Start, make_gateways: Over) -> None:
    """An SMS is sent with its remaining validity, in whole minutes."""
    box = start(TAKEN)
    for passed, minutes in ((0, "10"), (61, "8"), (9 * 60, "1"), (9 * 60 + 59, "1")):
        now = NOON + timedelta(seconds=passed)
        make_gateways(box, now=lambda: now).send(SMS)  # noqa: B023  # called at once

        assert box.heard[-1][0]["X-Kannel-Validity"] == minutes


def test_a_connection_is_kept_for_many_sms_and_replaced_once_closed(start: Start, make_gateways: Over) -> None:
    """One connection is used for several SMS.

    If the gateway closes it, a new one is opened, and no SMS is sent twice.
    """
    box = start(QUEUED)
    gateways = make_gateways(box)

    assert all(isinstance(gateways.send(SMS), SendAccepted) for _ in range(3))
    assert box.connections == 1

    box = start(TAKEN, hangs_up=True)
    gateways = make_gateways(box)

    for number in range(3):
        assert isinstance(gateways.send(SMS), SendAccepted)
        eventually(lambda number=number: box.hung_up > number, "a closed connection")

    assert (len(box.heard), box.connections) == (3, 3)


def test_after_a_temporary_answer_the_next_gateway_is_tried(start: Start, make_gateways: Over) -> None:
    """After a temporary failure or a wrong configuration, the SMS is sent to the next gateway once."""
    garbage = (400, "Charset or body misformed, rejected")
    for first in (BUSY, (500, "oops"), (429, "slow down"), WRONG_PASSWORD, (404, "Unknown request."), garbage):
        boxes = start(first), start(TAKEN)

        said = make_gateways(*boxes).send(SMS)

        assert said == SendAccepted(relay=f"127.0.0.1:{boxes[1].port}")
        assert [len(box.heard) for box in boxes] == [1, 1]


@pytest.mark.parametrize(
    "answer",
    [
        (200, "<html>Welcome to nginx!</html>"),
        (200, "0: Accepted for delivery"),
        (202, "Sent."),
        (202, ""),
        (204, ""),
        (302, "0: Accepted for delivery"),
        (403, "<html>Forbidden</html>"),
    ],
)
def test_case_70_any_other_success_is_a_failure_of_the_gateway(
    start: Start, make_gateways: Over, answer: tuple[int, str]
) -> None:
    """CASE 70: only Kannel's documented acceptance counts as sent.

    After any other answer, the SMS is sent to the next gateway or waits.
    """
    boxes = start(answer), start(TAKEN)
    assert make_gateways(*boxes).send(SMS) == SendAccepted(relay=f"127.0.0.1:{boxes[1].port}")

    said = make_gateways(start(answer)).send(SMS)
    assert isinstance(said, SendPostponed)
    assert str(answer[0]) in said.reason


def test_a_gateway_that_does_not_run_is_skipped(start: Start, make_gateways: Over) -> None:
    """A gateway that does not run is skipped, also for the next SMS."""
    down, up = stopped_gateway(), start(TAKEN)
    gateways = make_gateways(down, up)
    assert isinstance(gateways.send(SMS), SendAccepted)

    with socket.create_server(("127.0.0.1", down.port)) as back:
        back.settimeout(0)
        assert isinstance(gateways.send(SMS), SendAccepted)
        with pytest.raises(BlockingIOError):
            back.accept()

    assert len(up.heard) == 2


def test_a_permanent_refusal_is_not_tried_elsewhere(start: Start, make_gateways: Over) -> None:
    """A permanently refused SMS is not sent to another gateway."""
    for says in (UNROUTABLE, BLOCKED):
        boxes = start(says), start(TAKEN)

        said = make_gateways(*boxes).send(SMS)

        assert said == SendRefused(relay=f"127.0.0.1:{boxes[0].port}", reason=f"{says[0]} {says[1]}")
        assert boxes[1].heard == []


def test_an_answer_cannot_control_a_terminal(start: Start, make_gateways: Over) -> None:
    """Escape sequences in a gateway's answer are stored as visible characters."""
    said = make_gateways(start((UNROUTABLE[0], f"{UNROUTABLE[1]} \x1b]0;title\x07\u202e"))).send(SMS)

    assert isinstance(said, SendRefused)
    assert said.reason == f"{UNROUTABLE[0]} {UNROUTABLE[1]} �]0;title��"


def test_an_sms_without_an_answer_is_not_given_to_another_gateway(start: Start, make_gateways: Over) -> None:
    """An SMS that got no answer is not sent to another gateway, because it may have been accepted."""
    boxes = start((QUIET, "")), start(TAKEN)

    said = make_gateways(*boxes).send(SMS)

    assert isinstance(said, SendPostponed)
    assert said.answered
    eventually(lambda: boxes[0].heard, "the SMS at the first gateway")
    assert [len(box.heard) for box in boxes] == [1, 0]


def test_a_gateway_is_tried_again_after_its_pause(make_gateways: Over) -> None:
    """A gateway that failed is used again after a pause."""
    clock, down = MovableSeconds(), stopped_gateway()
    gateways = make_gateways(down, clock=clock)
    assert gateways.send(SMS) == SendPostponed(f"127.0.0.1:{down.port}: All connection attempts failed", answered=False)
    assert not gateways.reachable()
    assert gateways.send(SMS) == SendPostponed(f"127.0.0.1:{down.port}: resting after a failure", answered=False)

    with socket.create_server(("127.0.0.1", down.port)):
        clock.now += FIRST_SECONDS

        assert gateways.reachable()


def test_each_answer_of_a_gateway_is_counted(start: Start, make_gateways: Over) -> None:
    """Each success and failure is counted for its gateway. A gateway that is skipped is not counted."""
    counts = Counts()
    refuses, accepts = start((200, "<html>")), start(TAKEN)
    gateways = make_gateways(refuses, accepts, measures=counts)
    assert counts.answers == {
        (box.gateway.name, accepted): 0 for box in (refuses, accepts) for accepted in (True, False)
    }

    for _ in range(3):
        assert isinstance(gateways.send(SMS), SendAccepted)

    assert +counts.answers == {(refuses.gateway.name, False): 1, (accepts.gateway.name, True): 3}
    down = stopped_gateway()
    assert isinstance(make_gateways(down, measures=counts).send(SMS), SendPostponed)
    assert counts.answers[down.gateway.name, False] == 1


def test_an_sms_waits_without_a_gateway_or_with_busy_ones(start: Start, make_gateways: Over) -> None:
    """If all gateways are busy, the SMS waits and the attempt counts. Without a gateway, it does not count."""
    said = make_gateways(start(BUSY), start(BUSY)).send(SMS)
    assert isinstance(said, SendPostponed)
    assert said.answered

    assert make_gateways().send(SMS) == SendPostponed("no gateway is set", answered=False)
    assert not make_gateways().reachable()


def test_a_wrong_password_is_logged_and_an_answer_reported_without_the_sms(start: Start, make_gateways: Over) -> None:
    """The log names a gateway that refuses the password.

    A stored answer does not contain the text or number of the SMS.
    """
    with collected_lines() as logged:
        make_gateways(start(WRONG_PASSWORD)).send(SMS)
    assert [line["event"] for line in logged] == ["gateway-misconfigured"]
    assert "open" not in str(logged)

    said = make_gateways(start((400, f"{BLOCKED[1]} {SMS.text} for {SMS.recipient}\r\n 33612345678"))).send(SMS)
    assert isinstance(said, SendRefused)
    assert "012345" not in said.reason
    assert "612345678" not in said.reason


@pytest.mark.parametrize(
    ("report", "delivery"),
    [
        ("1", SmsDeliveryStatus.DELIVERED),
        ("2", SmsDeliveryStatus.UNDELIVERED),
        ("34", SmsDeliveryStatus.UNDELIVERED),
        ("4", SmsDeliveryStatus.BUFFERED),
        ("8", SmsDeliveryStatus.ACCEPTED),
        ("16", SmsDeliveryStatus.REJECTED),
        ("0", None),
        ("", None),
        ("-1", None),
        ("1e9", None),
        ("１", None),
        ("1" * 50, None),
    ],
)
def test_kannels_report_numbers_are_bits(report: str, delivery: SmsDeliveryStatus | None) -> None:
    """Kannel's report numbers are bits, several of which may be set. Other values are ignored."""
    assert delivery_status_of_report(report) == delivery
