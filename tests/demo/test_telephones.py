"""The demo's telephones store SMS, and the gateway sends reports and answers."""

from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest

from core.adapters.kannel_sms_transport import KannelGateway, KannelProvider
from core.adapters.provider_failover import FailoverTransport
from core.ports import SendAccepted, SendRefused, Sms, SmsDeliveryStatus
from demo.sms_gateway import SENDSMS, CallbackLoop, DemoGatewayAccount, HttpCallbackSender, gateway_server
from demo.telephones import SMS, DemoSms, DemoSmsStore, SmsStatus
from tests.support.election import NOON, ElectionClock
from tests.support.kannel import ReportReceiver, sink
from tests.support.product import eventually

NUMBER, SWITCHED_OFF, BARRED = "+33612345678", "+33612340013", "+33612340016"


@pytest.fixture
def telephones(tmp_path: Path) -> DemoSmsStore:
    """Return a store without SMS."""
    return DemoSmsStore(tmp_path / "telephones.sqlite3", ElectionClock())


@pytest.fixture
def receiver() -> Iterator[ReportReceiver]:
    """Yield a server that receives reports and answers."""
    with sink() as made:
        yield made


class OperatorNetwork:
    """A network that records what it receives, or is unavailable."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.away = False

    def deliver_report(self, sms: DemoSms, delivery: SmsDeliveryStatus) -> bool:
        self.told += [] if self.away else [f"{sms.id} {delivery}"]
        return not self.away

    def deliver_answer(self, sms: DemoSms) -> bool:
        self.told += [] if self.away else [sms.text]
        return not self.away

    def close(self) -> None:
        """Close nothing."""


def test_sms_are_read_the_newest_first_by_telephone_or_all(telephones: DemoSmsStore) -> None:
    """SMS are listed for one telephone or all telephones, newest first, with the time of the demo's clock."""
    telephones.store_sms(NUMBER, "first", None)
    telephones.store_sms("+33687654321", "second", None)
    telephones.reply(NUMBER, "third")

    assert [text.text for text in telephones.messages()] == ["third", "second", "first"]
    assert [text.text for text in telephones.messages(NUMBER)] == ["third", "first"]
    assert [text.text for text in telephones.messages(limit=1)] == ["third"]
    assert telephones.numbers(5) == [NUMBER, "+33687654321"]
    assert {text.at for text in telephones.messages()} == {NOON}


def test_the_last_digits_of_a_number_determine_its_reports(telephones: DemoSmsStore) -> None:
    """The last digits of a number determine which reports are sent for its SMS. They are sent once and in order."""
    network = OperatorNetwork()
    telling = CallbackLoop(telephones, network)

    for number, told, status in (
        (NUMBER, ["1 accepted", "1 delivered"], SmsStatus.DELIVERED),
        (SWITCHED_OFF, ["2 accepted", "2 buffered", "2 undelivered"], SmsStatus.UNDELIVERED),
        (BARRED, ["3 rejected"], SmsStatus.REJECTED),
        (f"{BARRED} call", ["4 delivered"], SmsStatus.DELIVERED),
        (f"{SWITCHED_OFF} call", ["5 no-answer"], SmsStatus.NO_ANSWER),
    ):
        network.told.clear()
        phone, _, channel = number.partition(" ")
        telephones.store_sms(phone, "text", None, channel or SMS)
        telling.run_once()
        assert telling.run_once() == (0, False)
        assert network.told == told
        assert telephones.messages()[0].status is status


def test_a_refused_report_is_sent_again(telephones: DemoSmsStore) -> None:
    """A report that was refused is sent again, even by a later process that reads it from the file."""
    network = OperatorNetwork()
    network.away = True
    telephones.store_sms(NUMBER, "text", None)
    telephones.reply(NUMBER, "012345")
    assert CallbackLoop(telephones, network).run_once() == (0, True)

    network.away = False
    assert CallbackLoop(telephones, network).run_once() == (2, False)

    assert network.told == ["1 accepted", "1 delivered", "012345"]


def test_the_gateway_accepts_sms_and_reports_as_kannel(telephones: DemoSmsStore, receiver: ReportReceiver) -> None:
    """Like Kannel, the gateway accepts SMS only with the right password, and sends reports and answers."""
    account = DemoGatewayAccount(
        username="retrouve", password="open", inbound=f"{receiver.url}/inbound", secret="sesame"
    )
    sms = Sms(recipient=NUMBER, text="Été {€}", message_id="a", useful_until=NOON)
    stopping = Event()
    with gateway_server(telephones, account, "127.0.0.1", 0) as server:
        server.daemon_threads = True
        threads = [
            Thread(target=server.serve_forever, args=(0.02,)),
            Thread(target=CallbackLoop(telephones, HttpCallbackSender(account)).run, args=(stopping,)),
        ]
        for thread in threads:
            thread.start()
        wrong, made = (gateways_at(server.server_address[1], receiver, password) for password in ("other", "open"))
        assert not isinstance(wrong.send(sms), SendAccepted | SendRefused)
        assert telephones.messages() == []
        assert isinstance(made.send(sms), SendAccepted)
        telephones.reply(NUMBER, "012 345")
        eventually(lambda: len(receiver.heard) == 3, "two reports and an answer")
        wrong.close()
        made.close()
        stopping.set()
        server.shutdown()
        for thread in threads:
            thread.join()

    assert receiver.statuses("a") == ["8", "1"]
    assert receiver.heard[-1] == "/inbound?id=telephone-2&from=%2B33612345678&text=012+345"
    assert f"Basic {b64encode(b'gateway:sesame').decode()}" in receiver.identities
    assert telephones.messages()[1].text == "Été {€}"


def gateways_at(port: int, receiver: ReportReceiver, password: str) -> FailoverTransport[Sms]:
    """Return the gateways of a courier that has the given password."""
    one = KannelGateway(url=f"http://127.0.0.1:{port}{SENDSMS}", username="retrouve", password=password, sender="38000")
    connection = KannelProvider(one, (receiver.url + "/report/{}?status=%d").format, lambda: NOON)
    return FailoverTransport([connection], "no gateway is set")
