"""`retrouve doctor` looks at the SMS gateways."""

from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from pydantic import SecretStr

from cli.checks import Check, Verdict
from cli.checks.gateways import check_gateway, check_gateways
from core.adapters.telephone.gateway import SENDSMS, Account, gateway
from core.adapters.telephone.store import Telephones
from core.settings import GatewaySection, Settings
from core.words import doctor as words
from tests.support.product import free_port
from tests.support.worlds import sample_settings


@pytest.fixture
def section(tmp_path: Path) -> Iterator[GatewaySection]:
    """The settings of a gateway that runs."""
    account = Account(username="retrouve", password="open", inbound="", secret="")
    telephones = Telephones(tmp_path / "telephones.sqlite3")
    with gateway(telephones, account, "127.0.0.1", 0) as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}{SENDSMS}"
        yield GatewaySection(url=url, username="retrouve", password=SecretStr("open"), sender="38000")
        server.shutdown()
    assert telephones.texts() == []


def found(check: Check) -> tuple[Verdict, str]:
    """What it says."""
    return check.verdict, check.finding.msgid


def with_sms(**sms: object) -> Settings:
    """The sample's settings, with these of SMS."""
    settings = sample_settings()
    return settings.model_copy(update={"sms": settings.sms.model_copy(update=sms)})


def test_a_gateway_that_takes_the_account_is_fine(section: GatewaySection) -> None:
    """And nobody is sent an SMS."""
    assert found(check_gateway(section)) == (Verdict.OK, words.GATEWAY_FINE.msgid)


def test_an_account_the_gateway_refuses_is_a_fault(section: GatewaySection) -> None:
    """The password is another."""
    wrong = section.model_copy(update={"password": SecretStr("other")})

    assert found(check_gateway(wrong)) == (Verdict.FAULT, words.GATEWAY_REFUSES.msgid)


def test_a_gateway_that_is_away_or_something_else_is_a_fault(section: GatewaySection) -> None:
    """Nobody there, or no gateway there."""
    away = section.model_copy(update={"url": f"http://127.0.0.1:{free_port()}/x"})
    assert found(check_gateway(away)) == (Verdict.FAULT, words.GATEWAY_UNREACHABLE.msgid)


def test_without_a_gateway_nobody_can_be_sent_an_identifier() -> None:
    """Attention: passwords work."""
    (check,) = check_gateways(with_sms())

    assert found(check) == (Verdict.ATTENTION, words.NO_GATEWAY.msgid)


def test_without_its_secret_no_answer_is_read(section: GatewaySection) -> None:
    """Attention: codes can still be typed."""
    checks = list(check_gateways(with_sms(gateways=(section,))))
    assert [check.verdict for check in checks] == [Verdict.OK, Verdict.ATTENTION]

    assert [
        found(check)[0] for check in check_gateways(with_sms(gateways=(section,), inbound_secret=SecretStr("x")))
    ] == [Verdict.OK]
