"""Tests that the bench measures what happened, and that a figure that misses its goal fails the run."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from random import Random
from threading import Thread
from typing import Any

import pytest
from click.testing import CliRunner

from core.adapters.declared_sms_transport import DeclaredProvider
from core.adapters.kannel_sms_transport import KannelGateway, KannelProvider
from core.adapters.provider_failover import FailoverTransport, Provider
from core.adapters.smtp_mail_transport import SmtpRelay, SmtpTlsMode, SmtpTransport
from core.app.settings import DeclaredGatewaySection
from core.ports import ComposedMail, SendAccepted, Sms
from tests.bench import __main__ as command
from tests.bench import argon2id_yardstick
from tests.bench.argon2id_yardstick import Argon2id, beside_argon2id, rate_figure, time_figure
from tests.bench.fake_servers import FakeServers
from tests.bench.figures import Figure, median_figure
from tests.bench.load_generator import form, page, send, visit
from tests.bench.measured_system import cpu_seconds, pss_megabytes
from tests.bench.subjects.timing import auc
from tests.support.product import free_port
from tests.support.tiny_site import tiny_site

LETTER = ComposedMail(
    sender="bounces@vote.example",
    recipient="camille@ac-lumiere.example",
    message_id="<1@vote.example>",
    content=b"a\r\n",
)


@pytest.mark.parametrize(("value", "status"), [(12.0, 0), (11.9, 1)])
def test_a_missed_goal_fails_the_run(value: float, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A value equal to the goal meets it. A worse value fails the run."""

    @contextmanager
    def no_system(*_arguments: object, **_options: object) -> Iterator[None]:
        yield

    monkeypatch.setattr(command, "measured_system", no_system)
    figure = Figure(name="asks", value=value, least=12)
    monkeypatch.setattr(command, "SUBJECTS", {"asks": lambda _system: iter([figure])})

    result = CliRunner().invoke(command.main, ["--voters", "50000", "--engine", "sqlite"])

    assert result.exit_code == status, result.output
    assert ("MISSED" in result.output) is bool(status)


@pytest.mark.parametrize(
    ("least", "most", "goal", "missed"),
    [(None, None, "", False), (2, None, "≥ 2", False), (None, 1, "≤ 1", True), (2, 3, "2 to 3", False)],
)
def test_a_goal_is_a_least_or_a_greatest_value_or_both(
    least: float | None, most: float | None, goal: str, *, missed: bool
) -> None:
    """The median of the rounds is judged."""
    figure = median_figure("asks", [9.0, 2.0, 0.0], "×", least=least, most=most)

    assert (figure.value, figure.goal, figure.missed) == (2, goal, missed)


def test_each_round_is_judged_beside_the_hashes_before_and_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rates are divided by hashes per second and times by CPU seconds per hash. The measures take turns."""
    hashes = iter([Argon2id(80, 0.02), Argon2id(120, 0.04), Argon2id(80, 0.02)])
    monkeypatch.setattr(argon2id_yardstick, "measure_argon2id", partial(next, hashes))

    rounds = beside_argon2id(1, lambda: (1_000.0, 0.3), lambda: (500.0, 0.6))

    assert rate_figure("asks", rounds[:1]).value == 10
    assert rate_figure("asks", rounds[1:]).value == 5
    assert time_figure("asks", rounds[:1], which=1).value == pytest.approx(10)


def test_other_programs_on_the_processors_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The figure shows whether other programs used the processors, because then there are fewer hashes."""
    monkeypatch.setattr(argon2id_yardstick, "CORES", 2)
    monkeypatch.setattr(argon2id_yardstick, "measured", [Argon2id(40, 0.02)])

    hashes, share = argon2id_yardstick.yardstick_figures()

    assert (hashes.value, share.missed) == (40, True)
    assert share.value == pytest.approx(40)
    assert not list(argon2id_yardstick.yardstick_figures())


def test_every_request_is_answered() -> None:
    """Every request gets its answer over two open connections, in any pieces. Another status is an error."""
    with tiny_site() as port:
        requests = [page(port, f"/{number}") for number in range(50)]
        result = send(port, requests, 200, connections=2)

        assert len(result.each) == 50
        assert min(result.each) > 0
        with pytest.raises(AssertionError):
            send(port, requests, 303)


def test_a_visit_keeps_its_cookies_and_no_others() -> None:
    """Each browser begins without cookies, and deleted cookies are not sent again."""
    seen: list[str] = []

    class Site(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            seen.append(self.headers.get("Cookie", ""))
            self.send_response(200)
            for cookie in self.path.strip("/").split(","):
                self.send_header("set-cookie", f"{cookie}; HttpOnly; Path=/")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Site) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        ours = [
            [page(server.server_port, path) for path in ("/case=1,lang=fr", "/case=2", "/case=")],
            [page(1, "/a=b")],
        ]
        result = visit(server.server_port, ours, 200, connections=1)
        server.shutdown()

    assert seen == ["", "case=1; lang=fr", "case=2; lang=fr", ""]
    assert result.cookies == ["lang=fr", "a=b"]
    assert len(result.each) == 2


def test_a_form_is_sent_as_a_page_of_the_site_sends_it() -> None:
    """A form sends its origin. The site refuses forms without it."""
    head, _, body = form(8000, "/", {"email": "a@b.example"}, "case=1").partition(b"\r\n\r\n")

    lines = head.decode().split("\r\n")
    assert lines[:3] == ["POST / HTTP/1.1", "Host: 127.0.0.1:8000", "Cookie: case=1"]
    assert {"Sec-Fetch-Site: same-origin", f"Content-Length: {len(body)}"} < set(lines)
    assert body == b"email=a%40b.example"


def test_the_relay_takes_and_counts_mails() -> None:
    """The relay accepts the product's mails over one open connection and counts them, even when it is slow."""
    port = free_port()
    with (
        closing(FakeServers(port, free_port())) as servers,
        closing(SmtpTransport([SmtpRelay(host="127.0.0.1", port=port, tls=SmtpTlsMode.NONE)], "h")) as us,
    ):
        first = us.send(LETTER)
        servers.state.mail_delay = 0.001
        answers = [first, *(us.send(LETTER) for _ in range(2))]
        servers.wait_for(mails=3)

        assert [type(answer) for answer in answers] == [SendAccepted] * 3
        assert servers.state.mails == 3


def _kannel(url: str, now: datetime) -> KannelProvider:
    return KannelProvider(KannelGateway(url=url, username="u", password="p", sender="38000"), str, lambda: now)


def _brevo(url: str, now: datetime) -> DeclaredProvider:
    written = {"preset": "brevo", "sender": "38000", "secret": "s", "request": {"url": url}}
    return DeclaredProvider(DeclaredGatewaySection.model_validate(written).declared(), str, lambda: now)


@pytest.mark.parametrize("provider", [_kannel, _brevo])
def test_the_gateway_takes_and_counts_sms(provider: Callable[[str, datetime], Provider[Sms, Any]]) -> None:
    """The gateway accepts the product's SMS over one open connection."""
    port, now = free_port(), datetime.now(UTC)
    chosen = provider(f"http://127.0.0.1:{port}/cgi-bin/sendsms", now)
    sms = Sms(message_id="code.7F3K-92QD.1", recipient="+33612345678", text="Code : 123456", useful_until=now)
    with (
        closing(FakeServers(free_port(), port)) as servers,
        closing(FailoverTransport([chosen], "")) as us,
    ):
        answers = [us.send(sms) for _ in range(3)]

        assert [type(answer) for answer in answers] == [SendAccepted] * 3
        assert servers.state.texts == 3


def test_processor_time_counts_children_that_have_ended() -> None:
    """CPU time includes ended children, because database processes come and go during a measurement."""
    before = cpu_seconds([os.getpid()])
    subprocess.run([sys.executable, "-c", "sum(range(10**7))"], check=True)

    assert cpu_seconds([os.getpid()]) > before
    assert pss_megabytes([os.getpid()]) > 1
    assert cpu_seconds([0]) == pss_megabytes([0]) == 0


def test_auc_is_a_half_for_likes_and_one_for_strangers() -> None:
    """The AUC is 1 if all values of the first list are larger, and about 0.5 for two random lists."""
    random = Random(1)  # noqa: S311  # no secret
    these, those = ([random.random() for _ in range(2_000)] for _ in range(2))

    assert 0.47 < auc(these, those) < 0.53
    assert auc([2.0, 3.0], [0.0, 1.0]) == 1
    assert auc([0.0, 1.0], [2.0, 3.0]) == 0
