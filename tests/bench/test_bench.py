"""The bench judges rightly: what it times happened, and a figure that misses its goal fails the run."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from random import Random

import pytest
from click.testing import CliRunner

from bench import __main__ as command
from bench.figures import Figure, Goal
from bench.ground import Sink
from bench.load import exchange, request
from bench.subjects.likeness import auc
from core.adapters.kannel import Gateway, KannelGateways
from core.adapters.smtp import Relay, SmtpCarrier, Tls
from core.ports import Envelope, Sent, Sms
from tests.support.product import free_port
from tests.support.tiny_site import tiny_site

LETTER = Envelope(
    sender="bounces@vote.example",
    recipient="camille@ac-lumiere.example",
    message_id="<1@vote.example>",
    content=b"a\r\n",
)


@pytest.mark.parametrize(("value", "status"), [(1_500.0, 0), (1_499.0, 1)])
def test_a_missed_goal_fails_the_run(value: float, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The value of a goal itself meets it."""

    @contextmanager
    def no_ground(_engine: str, _voters: int, _stock: None) -> Iterator[None]:
        yield

    monkeypatch.setattr(command, "ground", no_ground)
    figure = Figure(name="asks", value=value, goal=Goal(least=1_500))
    monkeypatch.setattr(command, "SUBJECTS", {"asks": lambda _ground: iter([figure])})

    told = CliRunner().invoke(command.main, ["--voters", "50000", "--engine", "sqlite"])

    assert told.exit_code == status, told.output
    assert ("MISSED" in told.output) is bool(status)


def test_every_request_is_answered_and_counted() -> None:
    """Over two kept connections, in the order given, whatever pieces an answer comes in."""
    with tiny_site() as port:
        exchanged = exchange(port, [request("GET", f"/{number}", "h") for number in range(50)], connections=2)

    assert exchanged.statuses == {200: 50}
    assert len(exchanged.each) == 50
    assert min(exchanged.each) > 0
    with pytest.raises(AssertionError):
        exchanged.require(303)


def test_the_sink_takes_and_counts_mails() -> None:
    """From the product's own carrier, over one kept connection."""
    port = free_port()
    with (
        closing(Sink(port, free_port())) as sink,
        closing(SmtpCarrier([Relay(host="127.0.0.1", port=port, tls=Tls.NONE)], "h")) as us,
    ):
        sink.delay(0.001)
        answers = [us.send(LETTER) for _ in range(3)]

        assert [type(answer) for answer in answers] == [Sent] * 3
        assert sink.count == 3


def test_the_sink_takes_and_counts_sms() -> None:
    """From the product's own gateways, over one kept connection."""
    port = free_port()
    gateway = Gateway(url=f"http://127.0.0.1:{port}/cgi-bin/sendsms", username="u", password="p", sender="38000")
    now = datetime.now(UTC)
    sms = Sms(message_id="code.7F3K-92QD.1", recipient="+33612345678", text="Code : 123456", useful_until=now)
    with closing(Sink(free_port(), port)) as sink, closing(KannelGateways([gateway], str, lambda: now)) as us:
        answers = [us.send(sms) for _ in range(3)]

        assert [type(answer) for answer in answers] == [Sent] * 3
        assert sink.texts == 3


def test_auc_is_a_half_for_likes_and_one_for_strangers() -> None:
    """The larger one first."""
    random = Random(1)  # noqa: S311  # no secret
    these, those = ([random.random() for _ in range(2_000)] for _ in range(2))

    assert 0.47 < auc(these, those) < 0.53
    assert auc([2.0, 3.0], [0.0, 1.0]) == 1
    assert auc([0.0, 1.0], [2.0, 3.0]) == 0
