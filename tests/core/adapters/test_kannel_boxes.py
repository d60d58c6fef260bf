"""Through a real Kannel 1.4.5, both ways: its fake operator, which only succeeds, and one that speaks SMPP and fails."""

import re
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from cli.kannel import BEARERBOX, SMSBOX, Kannel
from core.adapters.kannel import Gateway, KannelGateways
from core.adapters.telephone.smpp import Status
from core.adapters.telephone.store import Telephones
from core.ports import Sent, Sms
from tests.support.election import NOON
from tests.support.kannel import (
    PASSWORD,
    SENDER,
    Moody,
    Sink,
    operator,
    sink,
    with_fakesmsc,
    with_smpp,
)
from tests.support.product import eventually

NUMBER, SWITCHED_OFF, BARRED = "+33612345678", "+33612340013", "+33612340016"
TEXT = "Code de sécurité : 012345\nÀ taper à l'écran, ou à renvoyer. {€}\n@vote.example #012345".replace("À", "A")
SECONDS = 20
VALID = timedelta(minutes=10)


def _sms(message: str, to: str, text: str) -> Sms:
    return Sms(recipient=to, text=text, message_id=message, useful_until=NOON + VALID)


@dataclass
class Line:
    """Boxes, an operator behind them, and somebody who hears the reports."""

    kannel: Kannel
    port: int
    sink: Sink
    telephones: Telephones

    def gateways(self) -> KannelGateways:
        """As a courier has them."""
        gateway = Gateway(url=self.kannel.sendsms, username="retrouve", password=PASSWORD, sender=SENDER)
        return KannelGateways([gateway], lambda message: f"{self.sink.url}/report/{message}?status=%d", lambda: NOON)

    def send(self, message: str, to: str = NUMBER, text: str = TEXT) -> None:
        """An SMS that the gateway takes."""
        gateways = self.gateways()
        assert isinstance(gateways.send(_sms(message, to, text)), Sent)
        gateways.close()

    def reported(self, message: str, *statuses: str) -> None:
        """Waits for these reports, in whatever order."""
        eventually(lambda: sorted(self.sink.statuses(message)) == sorted(statuses), f"{message}: {statuses}", SECONDS)


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    """Boxes with an SMPP operator's address."""
    telephones = Telephones(tmp_path_factory.mktemp("telephones") / "telephones.sqlite3")
    with sink() as heard, with_smpp(heard.url.replace("//", "//gateway:secret@") + "/inbound") as (kannel, port):
        yield Line(kannel, port, heard, telephones)


@pytest.fixture
def smpp(line: Line) -> Iterator[Moody]:
    """An operator that the boxes have found."""
    with operator(line.port, line.telephones) as made:
        eventually(lambda: "(online" in line.kannel.status(), "a bound operator", SECONDS)
        yield made


@pytest.mark.usefixtures("smpp")
def test_an_sms_of_several_lines_arrives_whole_and_is_reported_twice(line: Line) -> None:
    """Accepted, then delivered; every character of the alphabet survives the two boxes and SMPP."""
    line.send("whole")

    line.reported("whole", "8", "1")
    assert line.telephones.texts(NUMBER)[0].text == TEXT


def test_case_38_an_operator_hears_until_when_an_sms_serves(line: Line, smpp: Moody) -> None:
    """As a moment, which Kannel makes of the minutes that it was told."""
    before = datetime.now(UTC)
    line.send("validity")
    line.reported("validity", "8", "1")

    assert smpp.last is not None
    until = datetime.strptime(smpp.last.validity[:12] + "+0000", "%y%m%d%H%M%S%z")
    whole_second = timedelta(seconds=1)
    assert before - whole_second < until - VALID < datetime.now(UTC) + whole_second


@pytest.mark.usefixtures("smpp")
def test_a_telephone_that_stays_off_is_reported_undelivered(line: Line) -> None:
    """After the operator had accepted and kept it."""
    line.send("off", to=SWITCHED_OFF)

    eventually(lambda: {"8", "2"} <= set(line.sink.statuses("off")), "an undelivered SMS", SECONDS)
    assert "1" not in line.sink.statuses("off")


@pytest.mark.usefixtures("smpp")
def test_a_number_that_the_operator_refuses_is_reported_rejected(line: Line) -> None:
    """Kannel has taken it already: only the report can say so."""
    line.send("barred", to=BARRED)

    line.reported("barred", "16")


def test_an_operator_that_throttles_gets_it_again_until_it_takes_it(line: Line, smpp: Moody) -> None:
    """Kannel waits and repeats; nothing is said to us but the end."""
    smpp.says = [Status.THROTTLED, Status.THROTTLED]

    line.send("throttled")

    line.reported("throttled", "8", "1")
    assert smpp.asked == 3


def test_an_operator_that_is_down_gets_it_when_it_is_back(line: Line) -> None:
    """Kannel queues it: "3: Queued for later delivery"."""
    line.send("down")

    with operator(line.port, line.telephones):
        line.reported("down", "8", "1")


def test_what_a_voter_sends_comes_with_the_secret_and_an_id(line: Line, smpp: Moody) -> None:
    """Accents too; the secret goes in a header, which no log has."""
    line.telephones.reply(NUMBER, "C'est 012 345, à bientôt")

    heard = eventually(lambda: [each for each in line.sink.heard if each.startswith("/inbound")], "an answer", SECONDS)
    told = parse_qs(urlsplit(heard[-1]).query)
    assert (told["from"], told["text"]) == ([NUMBER], ["C'est 012 345, à bient?t"])
    assert re.fullmatch(r"[0-9a-f-]{36}", told["id"][0])
    assert f"Basic {b64encode(b'gateway:secret').decode()}" in line.sink.identities
    assert smpp.asked == 0


def test_case_35_killed_boxes_lose_no_sms_and_double_at_most_the_one_in_hand(line: Line, smpp: Moody) -> None:
    """Bearerbox in the middle of what an operator throttles: its spool brings everything back."""
    smpp.says = [Status.THROTTLED] * 3
    for number in range(6):
        line.send(f"killed{number}", text=f"SMS {number}")
    line.kannel.kill(BEARERBOX)
    line.kannel.kill(SMSBOX)
    line.kannel.start()

    def arrived() -> Counter[str]:
        return Counter(text.text for text in line.telephones.texts(NUMBER) if text.text.startswith("SMS "))

    eventually(lambda: len(arrived()) == 6, "all of them", SECONDS)
    assert sorted(arrived().values())[-2] == 1
    for number in range(6):
        eventually(lambda number=number: "1" in line.sink.statuses(f"killed{number}"), "its report", SECONDS)


def test_nothing_of_a_text_is_in_the_boxes_logs(line: Line) -> None:
    """Whatever was sent before: they are set to write no text."""
    logs = "".join(path.read_text(errors="replace") for path in Path(line.kannel.folder).glob("*.log"))

    assert "012345" not in logs
    assert "Code de" not in logs


def test_through_kannels_own_fake_operator_both_ways(tmp_path: Path) -> None:
    """It cannot hold a line break, and prints what it gets."""
    with sink() as heard, with_fakesmsc(f"{heard.url}/inbound", NUMBER, "012345") as (kannel, printed):
        line = Line(kannel, 0, heard, Telephones(tmp_path / "none.sqlite3"))
        line.send("fake", text="Code de sécurité : 012345")
        line.reported("fake", "8", "1")
        answer = eventually(lambda: [each for each in heard.heard if each.startswith("/inbound")], "an answer", SECONDS)

        assert f"{SENDER} {NUMBER} text Code de sécurité : 012345" in printed.read_text(encoding="utf-8")
    assert parse_qs(urlsplit(answer[0]).query)["text"] == ["012345"]
