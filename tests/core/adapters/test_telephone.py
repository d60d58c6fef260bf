"""The demo's telephones: what is kept, what the gateway says, and what is told back."""

import threading
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest

from core.adapters.kannel import Gateway, KannelGateways
from core.adapters.telephone.gateway import SENDSMS, Account, Callbacks, gateway
from core.adapters.telephone.store import Status, Telephones, Text
from core.adapters.telephone.telling import Telling
from core.ports import Delivery, Refused, Sent, Sms
from tests.support.election import NOON, MovableClock
from tests.support.kannel import Sink, sink
from tests.support.product import eventually

NUMBER, SWITCHED_OFF, BARRED = "+33612345678", "+33612340013", "+33612340016"


@pytest.fixture
def telephones(tmp_path: Path) -> Telephones:
    """None of them has an SMS."""
    return Telephones(tmp_path / "telephones.sqlite3", MovableClock())


@pytest.fixture
def heard() -> Iterator[Sink]:
    """Who takes reports and answers."""
    with sink() as made:
        yield made


class Network:
    """Takes what it is told, unless it is away."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.away = False

    def report(self, text: Text, delivery: Delivery) -> bool:
        """Keeps it."""
        self.told += [] if self.away else [f"{text.id} {delivery}"]
        return not self.away

    def answer(self, text: Text) -> bool:
        """Keeps it."""
        self.told += [] if self.away else [text.text]
        return not self.away

    def close(self) -> None:
        """Nothing is open."""


def test_sms_are_read_the_newest_first_by_telephone_or_all(telephones: Telephones) -> None:
    """At the time of the demo's clock."""
    telephones.take(NUMBER, "first", None)
    telephones.take("+33687654321", "second", None)
    telephones.reply(NUMBER, "third")

    assert [text.text for text in telephones.texts()] == ["third", "second", "first"]
    assert [text.text for text in telephones.texts(NUMBER)] == ["third", "first"]
    assert [text.text for text in telephones.texts(limit=1)] == ["third"]
    assert telephones.numbers(5) == [NUMBER, "+33687654321"]
    assert {text.at for text in telephones.texts()} == {NOON}


@pytest.mark.parametrize(
    ("number", "told", "status"),
    [
        (NUMBER, ["1 accepted", "1 delivered"], Status.DELIVERED),
        (SWITCHED_OFF, ["1 accepted", "1 buffered", "1 undelivered"], Status.UNDELIVERED),
        (BARRED, ["1 rejected"], Status.REJECTED),
    ],
)
def test_the_end_of_a_number_decides_what_becomes_of_its_sms(
    telephones: Telephones, number: str, told: list[str], status: Status
) -> None:
    """Told in order, once; then nothing more is told."""
    network = Network()
    telephones.take(number, "text", None)
    telling = Telling(telephones, network)

    telling.round()

    assert telling.round() == (0, False)
    assert network.told == told
    assert telephones.texts()[0].status is status


def test_what_nobody_takes_is_told_again(telephones: Telephones) -> None:
    """Also by the next process: what was told is in the file."""
    network = Network()
    network.away = True
    telephones.take(NUMBER, "text", None)
    telephones.reply(NUMBER, "012345")
    assert Telling(telephones, network).round() == (0, True)

    network.away = False
    assert Telling(telephones, network).round() == (2, False)

    assert network.told == ["1 accepted", "1 delivered", "012345"]


def test_the_gateway_takes_what_a_courier_hands_over_and_calls_back(telephones: Telephones, heard: Sink) -> None:
    """As Kannel does: 8, then 1, by GET; an answer with the secret in a header."""
    account = Account(username="retrouve", password="open", inbound=f"{heard.url}/inbound", secret="sesame")
    stopping = Event()
    with gateway(telephones, account, "127.0.0.1", 0) as server:
        server.daemon_threads = True
        threads = [
            Thread(target=server.serve_forever, args=(0.02,)),
            Thread(target=Telling(telephones, Callbacks(account)).run, args=(stopping,)),
        ]
        for thread in threads:
            thread.start()
        made = gateways_at(server.server_address[1], heard)
        assert isinstance(made.send(Sms(recipient=NUMBER, text="Été {€}", message_id="a", useful_until=NOON)), Sent)
        telephones.reply(NUMBER, "012 345")
        eventually(lambda: len(heard.heard) == 3, "two reports and an answer")
        made.close()
        stopping.set()
        server.shutdown()
        for thread in threads:
            thread.join()

    assert heard.statuses("a") == ["8", "1"]
    assert heard.heard[-1] == "/inbound?id=telephone-2&from=%2B33612345678&text=012+345"
    assert f"Basic {b64encode(b'gateway:sesame').decode()}" in heard.identities
    assert telephones.texts()[1].text == "Été {€}"


def test_the_gateway_knows_its_couriers(telephones: Telephones, heard: Sink) -> None:
    """Another password is refused as Kannel refuses it, and nothing is kept."""
    account = Account(username="retrouve", password="other", inbound=heard.url, secret="sesame")
    with gateway(telephones, account, "127.0.0.1", 0) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,)).start()
        made = gateways_at(server.server_address[1], heard)
        said = made.send(Sms(recipient=NUMBER, text="Code", message_id="a", useful_until=NOON))
        made.close()
        server.shutdown()

    assert not isinstance(said, Sent | Refused)
    assert telephones.texts() == []


def gateways_at(port: int, heard: Sink) -> KannelGateways:
    """A courier's, with the password "open"."""
    one = Gateway(url=f"http://127.0.0.1:{port}{SENDSMS}", username="retrouve", password="open", sender="38000")
    return KannelGateways([one], lambda message: f"{heard.url}/report/{message}?status=%d", lambda: NOON)
