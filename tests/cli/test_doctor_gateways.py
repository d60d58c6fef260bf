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

OK, ATTENTION, FAULT = DoctorCheckSeverity


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


def test_a_gateway_is_fine_if_it_answers_and_accepts_the_account(section: GatewaySection) -> None:
    """A gateway that refuses the password or does not answer is a fault; no SMS is sent to learn it."""
    wrong = section.model_copy(update={"password": SecretStr("other")})
    away = section.model_copy(update={"url": f"http://127.0.0.1:{free_port()}/x"})

    assert found(check_gateway(section)) == (OK, words.GATEWAY_FINE.msgid)
    assert found(check_gateway(wrong)) == (FAULT, words.GATEWAY_REFUSES.msgid)
    assert found(check_gateway(away)) == (FAULT, words.GATEWAY_UNREACHABLE.msgid)


def test_what_is_missing_of_the_gateways_wants_attention(section: GatewaySection) -> None:
    """Without a gateway identifiers cannot be sent; without the callback secret delivery reports are not read."""
    (none,) = check_gateways(with_sms())
    assert found(none) == (ATTENTION, words.NO_GATEWAY.msgid)

    without_secret = check_gateways(with_sms(gateways=(section,)))
    whole = check_gateways(with_sms(gateways=(section,), inbound_secret=SecretStr("x")))
    assert [[check.verdict for check in checks] for checks in (without_secret, whole)] == [[OK, ATTENTION], [OK]]
