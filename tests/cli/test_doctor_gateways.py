"""`retrouve doctor` checks the SMS gateways."""

from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from pydantic import SecretStr

from cli.checks import DoctorCheckSeverity
from cli.checks.sms_gateways import check_gateway, check_gateways
from core.app import doctor_sentences as words
from core.app.settings import GatewaySection, Settings
from demo.telephone.http_gateway import SENDSMS, DemoGatewayAccount, gateway_server
from demo.telephone.sms_store import DemoSmsStore
from tests.cli.test_doctor import found
from tests.support.product import free_port
from tests.support.worlds import sample_settings


@pytest.fixture
def section(tmp_path: Path) -> Iterator[GatewaySection]:
    """The settings section of a gateway that runs."""
    account = DemoGatewayAccount(username="retrouve", password="open", inbound="", secret="")
    telephones = DemoSmsStore(tmp_path / "telephones.sqlite3")
    with gateway_server(telephones, account, "127.0.0.1", 0) as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}{SENDSMS}"
        yield GatewaySection(url=url, username="retrouve", password=SecretStr("open"), sender="38000")
        server.shutdown()
    assert telephones.messages() == []


def with_sms(**sms: object) -> Settings:
    """Return the sample's settings with these SMS settings."""
    settings = sample_settings()
    return settings.model_copy(update={"sms": settings.sms.model_copy(update=sms)})


def test_a_gateway_that_accepts_the_account_is_fine(section: GatewaySection) -> None:
    """A gateway that accepts the account is fine, and no SMS is sent."""
    assert found(check_gateway(section)) == (DoctorCheckSeverity.OK, words.GATEWAY_FINE.msgid)


def test_an_account_the_gateway_refuses_is_a_fault(section: GatewaySection) -> None:
    """A gateway that refuses the password is a fault."""
    wrong = section.model_copy(update={"password": SecretStr("other")})

    assert found(check_gateway(wrong)) == (DoctorCheckSeverity.FAULT, words.GATEWAY_REFUSES.msgid)


def test_a_missing_or_wrong_gateway_is_a_fault(section: GatewaySection) -> None:
    """A gateway that does not answer, or an answer of something else, is a fault."""
    away = section.model_copy(update={"url": f"http://127.0.0.1:{free_port()}/x"})
    assert found(check_gateway(away)) == (DoctorCheckSeverity.FAULT, words.GATEWAY_UNREACHABLE.msgid)


def test_a_missing_gateway_wants_attention() -> None:
    """Without a gateway the check wants attention: identifiers cannot be sent, and passwords work."""
    (check,) = check_gateways(with_sms())

    assert found(check) == (DoctorCheckSeverity.ATTENTION, words.NO_GATEWAY.msgid)


def test_a_missing_callback_secret_wants_attention(section: GatewaySection) -> None:
    """Without the callback secret the check wants attention: delivery reports are not read, and codes can be typed."""
    checks = list(check_gateways(with_sms(gateways=(section,))))
    assert [check.verdict for check in checks] == [DoctorCheckSeverity.OK, DoctorCheckSeverity.ATTENTION]

    assert [
        found(check)[0] for check in check_gateways(with_sms(gateways=(section,), inbound_secret=SecretStr("x")))
    ] == [DoctorCheckSeverity.OK]
