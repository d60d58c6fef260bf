"""Sends an SMS with each preset, and with declarations of other providers, to documented providers on loopback."""

import json
import re
import tomllib
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from time import time
from urllib.parse import parse_qs

import pytest

from core.adapters.declared_sms_transport import DeclaredProvider
from core.adapters.provider_failover import FailoverTransport
from core.app.settings import DeclaredGatewaySection
from core.ports import MessageKind, SendAccepted, SendPostponed, SendRefused, SendResult, Sms, SmsDeliveryStatus
from tests.support.election import NOON
from tests.support.http_provider import Heard, Says, http_provider
from tests.support.sms_providers import (
    BARRED,
    PROVIDERS,
    REPORT_URL,
    SECRET,
    SMS,
    VOTER,
    Documented,
    Report,
    old_vonage,
    ovh,
    segment,
    smsmode,
    vonage_report,
)
from tests.support.smtp_server import MovableSeconds

DOCUMENTED = re.findall(r"```toml\n(.*?)```", (Path(__file__).parents[3] / "docs/sms.md").read_text(), re.DOTALL)

each_provider = pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.preset)


def send(provider: Documented, sms: Sms = SMS, **changes: object) -> tuple[SendResult, Heard]:
    with http_provider(provider.answer) as server:
        gateway = DeclaredProvider(
            provider.section(server.url, **changes).declared(), lambda _: REPORT_URL, lambda: NOON, MovableSeconds()
        )
        with closing(FailoverTransport([gateway], "none")) as transport:
            said = transport.send(sms)
        return said, server.heard[-1]


@each_provider
def test_an_sms_is_accepted(provider: Documented) -> None:
    """The provider accepts the request, which contains the number, the text, the sender and the address for reports."""
    said, heard = send(provider)

    assert said == SendAccepted(relay="main")
    body = heard.body.decode()
    flat = dict(parse_qs(body)) if body.startswith("To=") else json.loads(body)
    values = {value[0] if isinstance(value, list) else value for value in flat.values()}
    assert {SMS.text, "Elections", REPORT_URL} <= values
    assert {VOTER, VOTER[1:]} & values


@each_provider
def test_the_longest_validity_is_accepted(provider: Documented) -> None:
    """A voting identifier is useful for a day, which is longer than Twilio allows."""
    late = Sms(recipient=VOTER, text="x", message_id="identifier.7F3K-92QD.12", useful_until=NOON + timedelta(days=2))
    assert send(provider, late)[0] == SendAccepted(relay="main")


@each_provider
def test_a_number_that_the_provider_never_serves_is_refused_for_good(provider: Documented) -> None:
    said, _ = send(provider, Sms(recipient=BARRED, text="x", message_id=SMS.message_id, useful_until=SMS.useful_until))
    assert isinstance(said, SendRefused)


@each_provider
def test_a_wrong_secret_is_temporary(provider: Documented) -> None:
    said, _ = send(provider, secret="wrong")
    assert isinstance(said, SendPostponed)


@each_provider
def test_reports_are_read_and_forged_ones_noticed(provider: Documented) -> None:
    """Each status is read, in any order. A changed body, another URL or a missing signature is not accepted."""
    reading = provider.section("http://127.0.0.1").report_with_secret
    section = provider.section("http://127.0.0.1")
    assert reading is not None
    reader = section.model_copy(update={"report": reading}).report_reading(MessageKind.CODE)
    assert reader is not None
    for report in reversed(provider.reports(REPORT_URL)):
        assert reader.status(report.received()) == report.says, report.body
        assert reader.is_signed(report.received())
        if provider.preset == "brevo":  # signs nothing
            continue
        unsigned = Report(report.body, {"Content-Type": report.headers["Content-Type"]}, report.says)
        changed = Report(report.body.replace(b"tatus", b"tatut"), report.headers, report.says)
        assert not reader.is_signed(unsigned.received())
        assert not reader.is_signed(changed.received())
        for wrong in (
            "Bearer x",
            "Bearer a.b.c",
            "Bearer é.ü.ß",
            f"Bearer {segment({'alg': 'none'})}.{segment({})}.",
        ):
            named = {**unsigned.headers, "Authorization": wrong, "X-Twilio-Signature": wrong}
            assert not reader.is_signed(Report(report.body, named, report.says).received())
        if provider.preset == "vonage":
            head, claims, _ = report.headers["Authorization"].split(".")
            by_another = {**report.headers, "Authorization": f"{head}.{claims}.{'A' * 43}"}
            assert not reader.is_signed(Report(report.body, by_another, report.says).received())
    if provider.preset == "twilio":
        assert not reader.is_signed(provider.reports(REPORT_URL)[0].received(REPORT_URL + "x"))


HOUR = 3600


@pytest.mark.parametrize(
    ("times", "taken"),
    [
        pytest.param({"iat": 0}, True, id="now"),
        pytest.param({"iat": -23 * HOUR}, True, id="sent again after a day"),
        pytest.param({"iat": 60}, True, id="a clock that is a minute ahead"),
        pytest.param({"iat": 0, "exp": HOUR}, True, id="not expired"),
        pytest.param({"iat": -25 * HOUR}, False, id="old"),
        pytest.param({"iat": HOUR}, False, id="from the future"),
        pytest.param({"iat": -2 * HOUR, "exp": -HOUR}, False, id="expired"),
        pytest.param({}, False, id="without a time"),
    ],
)
def test_only_a_recent_signature_of_vonage_is_accepted(times: dict[str, int], *, taken: bool) -> None:
    reader = PROVIDERS[1].section("http://127.0.0.1").report_reading(MessageKind.CODE)
    assert reader is not None
    claims = {name: int(time()) + seconds for name, seconds in times.items()}
    assert reader.is_signed(vonage_report("delivered", SmsDeliveryStatus.DELIVERED, claims).received()) is taken


@each_provider
def test_a_report_that_says_nothing_is_not_read(provider: Documented) -> None:
    reader = provider.section("http://127.0.0.1").report_reading(MessageKind.CODE)
    assert reader is not None
    json_type, form_type = {"Content-Type": "application/json"}, {"Content-Type": "application/x-www-form-urlencoded"}
    for body, headers in (
        (b"", json_type), (b"[", json_type), (b"null", json_type), (b'"x"', json_type), (b"<html>", json_type),
        (b"[" * 9000, json_type), (b"{}", json_type), (b"", form_type), (b"a=b", form_type), (b"\xff", json_type),
    ):  # fmt: skip
        assert reader.status(Report(body, headers, SmsDeliveryStatus.ACCEPTED).received()) is None, body


OLD_VONAGE = """
[[sms.gateways]]
name = "old"
sender = "Elections"
[sms.gateways.request]
url = "https://rest.nexmo.com/sms/json"
form = { api_key = "abcd", api_secret = "{secret}", to = "{digits}", from = "{sender}", text = "{text}", callback = "{report_url}" }
accepted = { status = [200], when = "messages[0].status == '0'", id = 'messages[0]."message-id"' }
permanent = { status = [200], when = "contains(['6', '7'], messages[0].status)" }
[sms.gateways.report]
id = "messageId"
delivered = "status == 'delivered'"
failed = "contains(['expired', 'failed', 'rejected'], status)"
"""


@pytest.mark.parametrize(
    ("name", "answer", "toml"), [("smsmode", smsmode, None), ("ovh", ovh, None), ("old", old_vonage, OLD_VONAGE)]
)
def test_a_provider_is_declared_by_toml_alone(name: str, answer: Callable[[Heard], Says], toml: str | None) -> None:
    """An SMS is accepted, refused for good, or sent again after a wrong secret, as with a preset."""
    written = toml or next(block for block in DOCUMENTED if f'name = "{name}"' in block)
    with http_provider(answer) as server:
        local = re.sub(
            r"https://(rest\.smsmode\.com|eu\.api\.ovh\.com|www\.ovh\.com|rest\.nexmo\.com)", server.url, written
        )
        for secret, number, expected in (
            (SECRET, VOTER, SendAccepted),
            (SECRET, BARRED, SendRefused),
            ("x", VOTER, SendPostponed),
        ):
            settings = tomllib.loads(local)["sms"]["gateways"][0] | {"secret": secret}
            gateway = DeclaredGatewaySection.model_validate(settings).declared()
            transport = FailoverTransport(
                [DeclaredProvider(gateway, lambda _: REPORT_URL, lambda: NOON, MovableSeconds())], ""
            )
            with closing(transport):
                said = transport.send(
                    Sms(recipient=number, text=SMS.text, message_id=SMS.message_id, useful_until=SMS.useful_until)
                )
            assert isinstance(said, expected), (secret, number)
