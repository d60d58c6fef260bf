"""SMS are sent through a real Kannel 1.4.5, with its own fake operator or with an SMPP operator."""

import re
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr

from cli.checks import DoctorCheckSeverity
from cli.checks.network_services import check_gateway
from core.adapters.kannel_sms_transport import KannelGateway, KannelProvider
from core.adapters.provider_failover import FailoverTransport
from core.app.settings import KannelSection
from core.ports import SendAccepted, Sms
from demo.telephones import DemoSmsStore
from tests.support.election import NOON
from tests.support.kannel import (
    PASSWORD,
    SENDER,
    ReportReceiver,
    ScriptedOperator,
    operator,
    sink,
    with_fakesmsc,
    with_smpp,
)
from tests.support.local_kannel import BEARERBOX, SMSBOX, LocalKannel
from tests.support.product import eventually
from tests.support.smpp_operator import SmppStatus

NUMBER, SWITCHED_OFF, BARRED = "+33612345678", "+33612340013", "+33612340016"
TEXT = "Code de sécurité : 012345\nÀ taper à l'écran, ou à renvoyer. {€}\n@vote.example #012345".replace("À", "A")
SECONDS = 180
VALID = timedelta(minutes=10)


def _sms(message: str, to: str, text: str) -> Sms:
    return Sms(recipient=to, text=text, message_id=message, useful_until=NOON + VALID)


@dataclass
class Line:
    """A running Kannel with an operator and a receiver of delivery reports."""

    kannel: LocalKannel
    port: int
    sink: ReportReceiver
    telephones: DemoSmsStore

    def gateways(self) -> FailoverTransport[Sms]:
        gateway = KannelGateway(url=self.kannel.sendsms_url, username="retrouve", password=PASSWORD, sender=SENDER)
        connection = KannelProvider(gateway, (self.sink.url + "/report/{}?status=%d").format, lambda: NOON)
        return FailoverTransport([connection], "no gateway is set")

    def send(self, message: str, to: str = NUMBER, text: str = TEXT) -> None:
        gateways = self.gateways()
        assert isinstance(gateways.send(_sms(message, to, text)), SendAccepted)
        gateways.close()

    def reported(self, message: str, *statuses: str) -> None:
        """Wait for these delivery reports, in any order."""
        eventually(lambda: sorted(self.sink.statuses(message)) == sorted(statuses), f"{message}: {statuses}", SECONDS)


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    """A Kannel that connects to an SMPP operator."""
    telephones = DemoSmsStore(tmp_path_factory.mktemp("telephones") / "telephones.sqlite3")
    with sink() as heard, with_smpp(heard.url.replace("//", "//gateway:secret@") + "/inbound") as (kannel, port):
        yield Line(kannel, port, heard, telephones)


@pytest.fixture
def smpp(line: Line) -> Iterator[ScriptedOperator]:
    """An SMPP operator to which Kannel is connected."""
    with operator(line.port, line.telephones) as made:
        eventually(lambda: "(online" in line.kannel.status(), "a bound operator", SECONDS)
        yield made


@pytest.mark.usefixtures("smpp")
def test_an_sms_arrives_whole(line: Line) -> None:
    """An SMS of several lines arrives complete, and both of its delivery reports come."""
    line.send("whole")

    line.reported("whole", "8", "1")
    assert line.telephones.messages(NUMBER)[0].text == TEXT


@pytest.mark.usefixtures("smpp")
def test_an_sms_that_does_not_arrive_is_reported(line: Line) -> None:
    """An SMS to a switched-off telephone is reported as undelivered, and one to a barred number as rejected."""
    line.send("off", to=SWITCHED_OFF)

    eventually(lambda: {"8", "2"} <= set(line.sink.statuses("off")), "an undelivered SMS", SECONDS)
    assert "1" not in line.sink.statuses("off")

    line.send("barred", to=BARRED)

    line.reported("barred", "16")


@pytest.mark.usefixtures("smpp")
def test_doctor_knows_a_real_kannel(line: Line) -> None:
    """Doctor recognises a real Kannel and detects a wrong password."""
    account = {"url": line.kannel.sendsms_url, "username": "retrouve", "sender": SENDER}
    verdicts = [
        check_gateway(KannelSection(**account, password=SecretStr(password))).verdict
        for password in (PASSWORD, "other")
    ]

    assert verdicts == [DoctorCheckSeverity.OK, DoctorCheckSeverity.FAULT]


def test_the_operator_gets_the_end_of_validity(line: Line, smpp: ScriptedOperator) -> None:
    """The operator receives the end of validity of an SMS."""
    before = datetime.now(UTC)
    line.send("validity")
    line.reported("validity", "8", "1")

    assert smpp.last is not None
    until = datetime.strptime(smpp.last.validity[:12] + "+0000", "%y%m%d%H%M%S%z")
    whole_second = timedelta(seconds=1)
    assert before - whole_second < until - VALID < datetime.now(UTC) + whole_second


def test_a_throttled_sms_is_sent_again(line: Line, smpp: ScriptedOperator) -> None:
    """If the operator throttles an SMS, Kannel sends it again until it is accepted."""
    smpp.says, asked = [SmppStatus.THROTTLED, SmppStatus.THROTTLED], smpp.asked
    line.send("throttled")
    line.reported("throttled", "8", "1")
    assert smpp.asked == asked + 3


def test_an_operator_that_is_down_gets_the_sms_later(line: Line) -> None:
    """Kannel keeps an SMS until the operator is available again."""
    line.send("down")

    with operator(line.port, line.telephones):
        line.reported("down", "8", "1")


def test_a_voters_sms_comes_with_secret_and_id(line: Line, smpp: ScriptedOperator) -> None:
    """An SMS of a voter is delivered with an id, and with the secret in a header."""
    line.telephones.reply(NUMBER, "C'est 012 345, à bientôt")

    heard = eventually(lambda: [each for each in line.sink.heard if each.startswith("/inbound")], "an answer", SECONDS)
    told = parse_qs(urlsplit(heard[-1]).query)
    assert (told["from"], told["text"]) == ([NUMBER], ["C'est 012 345, à bient?t"])
    assert re.fullmatch(r"[0-9a-f-]{36}", told["id"][0])
    assert f"Basic {b64encode(b'gateway:secret').decode()}" in line.sink.identities
    assert smpp.asked == 0


def test_killed_boxes_lose_no_sms_and_double_at_most_one(line: Line, smpp: ScriptedOperator) -> None:
    """If Kannel's processes are killed, no SMS is lost, and at most one is sent twice."""
    smpp.says = [SmppStatus.THROTTLED] * 3
    for number in range(6):
        line.send(f"killed{number}", text=f"SMS {number}")
    line.kannel.kill(BEARERBOX)
    line.kannel.kill(SMSBOX)
    line.kannel.start()

    def arrived() -> Counter[str]:
        return Counter(text.text for text in line.telephones.messages(NUMBER) if text.text.startswith("SMS "))

    eventually(lambda: len(arrived()) == 6, "all of them", SECONDS)
    assert sorted(arrived().values())[-2] == 1
    for number in range(6):
        eventually(lambda number=number: "1" in line.sink.statuses(f"killed{number}"), "its report", SECONDS)


def test_the_boxes_log_no_text(line: Line) -> None:
    """Kannel's logs do not contain the text of an SMS."""
    logs = "".join(path.read_text(errors="replace") for path in Path(line.kannel.folder).glob("*.log"))

    assert "012345" not in logs
    assert "Code de" not in logs


def test_through_kannels_own_fake_operator_both_ways(tmp_path: Path) -> None:
    """SMS can be sent and received through Kannel's own fake operator."""
    with sink() as heard, with_fakesmsc(f"{heard.url}/inbound", NUMBER, "012345") as (kannel, printed):
        line = Line(kannel, 0, heard, DemoSmsStore(tmp_path / "none.sqlite3"))
        line.send("fake", text="Code de sécurité : 012345")
        line.reported("fake", "8", "1")
        answer = eventually(lambda: [each for each in heard.heard if each.startswith("/inbound")], "an answer", SECONDS)

        assert f"{SENDER} {NUMBER} text Code de sécurité : 012345" in printed.read_text(encoding="utf-8")
    assert parse_qs(urlsplit(answer[0]).query)["text"] == ["012345"]
