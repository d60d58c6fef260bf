"""Tests that only gateways can report deliveries and pass on SMS, and that every call is counted."""

import hmac
from base64 import b64encode
from collections import Counter
from dataclasses import dataclass, field, replace
from ipaddress import ip_network
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from pydantic import SecretStr

from core.app.services import Services
from core.app.settings import DeclaredGatewaySection, Settings
from core.delivery.sms_gateway_callbacks import report_tag
from core.ports import EventType, MessageKind, ProcessMeasurements
from core.security.tokens import sms_id
from core.text.urls import SMS_ANSWER_PATH, provider_report_url, sms_report_url
from tests.support.stores import writing
from tests.support.worlds import World, sample_settings
from webhook.site_application import create_site

CASE = "7F3K-92QD"
SECRET = "sésame"
ANSWER = {"id": "gateway-1", "from": "+33612345678", "text": "012345"}


@dataclass
class Counts(ProcessMeasurements):
    """A test double that counts the gateways' calls."""

    told: Counter[tuple[str, str]] = field(default_factory=Counter)

    def count_callback(self, what: str, outcome: str) -> None:
        self.told[what, outcome] += 1


@pytest.fixture
def counts() -> Counts:
    return Counts()


def with_secret(secret: str | None = SECRET) -> Settings:
    """Return the template's settings with this secret for incoming SMS."""
    settings = sample_settings()
    known = None if secret is None else SecretStr(secret)
    return settings.model_copy(update={"sms": settings.sms.model_copy(update={"inbound_secret": known})})


@pytest.fixture
def services(world: World, counts: Counts) -> Services:
    """The services of an election with a secret for incoming SMS."""
    return replace(world.services, settings=with_secret(), measures=counts)


@pytest.fixture
def gateway(services: Services) -> FlaskClient:
    return create_site(services).test_client()


@pytest.fixture
def report(world: World) -> str:
    """Return the path for reporting the delivery of an SMS in the outbox."""
    now = world.clock.now()
    parcel = writing(world.store).outbox.put(kind=MessageKind.CODE, case=CASE, at=now, useful_until=now)
    message_id = sms_id(MessageKind.CODE, CASE, parcel.id)
    return sms_report_url("", message_id, report_tag(world.dependencies.vault, message_id)).replace("%d", "1")


def basic(secret: str) -> dict[str, str]:
    """Return the header that Kannel sends for a URL such as "http://gateway:…@…"."""
    return {"Authorization": f"Basic {b64encode(f'gateway:{secret}'.encode()).decode()}"}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_report_is_taken_once_and_answered_with_no_word(
    gateway: FlaskClient, counts: Counts, world: World, report: str, method: str
) -> None:
    """The response is empty, because Kannel's smsbox would send its text to the voter."""
    answers = [gateway.open(report, method=method) for _ in range(2)]

    assert [(answer.status_code, answer.data) for answer in answers] == [(202, b"")] * 2
    assert counts.told == {("report", "noted"): 1, ("report", "noted-before"): 1}
    assert world.acts(CASE) == [EventType.SMS_REPORTED]


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "DELETE"])
def test_other_methods_do_nothing(gateway: FlaskClient, world: World, report: str, method: str) -> None:
    """Only GET and POST record a delivery."""
    assert gateway.open(report, method=method).status_code == 405
    assert world.acts(CASE) == []


def test_a_report_needs_neither_our_name_nor_our_page(gateway: FlaskClient, report: str) -> None:
    """Gateways call by IP address. They do not count against the visitors' limits."""
    answer = gateway.post(report, headers={"Host": "10.0.0.2:8000", "Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 202
    assert "Set-Cookie" not in answer.headers


def test_a_report_that_says_nothing_is_refused(gateway: FlaskClient, counts: Counts, world: World, report: str) -> None:
    for number, status in enumerate(("", "0", "x", "-1", "٣", "99999999999999999999"), 1):
        answer = gateway.get(report.removesuffix("1") + status)
        assert (status, answer.status_code, answer.data) == (status, 400, b"")
        assert counts.told == {("report", "unreadable"): number}, status
    assert world.acts(CASE) == []


def test_forged_reports_are_refused_and_counted(gateway: FlaskClient, counts: Counts, world: World) -> None:
    """A forged report is refused, whatever its URL contains instead of the id and the tag."""
    for forged in (
        "code.7F3K-92QD.1/tag",
        "../../etc/passwd/tag",
        "é/é",
        "%00/%0d%0a",
        "code.7F3K-92QD.1/" + "A" * 5000,
    ):
        assert gateway.get(f"/sms/report/{forged}?status=1").status_code in {403, 404}, forged

    assert counts.told["report", "forged"] >= 3
    assert world.acts(CASE) == []


def test_who_comes_from_elsewhere_is_refused(gateway: FlaskClient, counts: Counts, report: str) -> None:
    """A report from an unknown network is refused, even with the right tag."""
    for elsewhere in ("192.0.2.1", "10.0.0.1", "2001:db8::1", ""):
        for path in (report, SMS_ANSWER_PATH):
            answer = gateway.get(path, environ_overrides={"REMOTE_ADDR": elsewhere}, headers=basic(SECRET))
            assert answer.status_code == 403, (elsewhere, path)
    assert counts.told == {("report", "elsewhere"): 4, ("inbound", "elsewhere"): 4}


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "Via"])
def test_what_a_proxy_passes_on_is_refused(gateway: FlaskClient, counts: Counts, report: str, header: str) -> None:
    """Anyone could send a report through the voters' proxy, which runs on this machine."""
    assert gateway.get(report, headers={header: "127.0.0.1"}).status_code == 403
    assert counts.told == {("report", "elsewhere"): 1}


def test_a_declared_network_may_call(services: Services, report: str) -> None:
    """A gateway on another host may call from a declared network."""
    settings = services.settings
    sms = type(settings.sms)(callback_networks=["192.0.2.0/28"])
    app = create_site(replace(services, settings=settings.model_copy(update={"sms": sms})))

    assert app.test_client().get(report, environ_overrides={"REMOTE_ADDR": "192.0.2.9"}).status_code == 202
    assert app.test_client().get(report).status_code == 403


TWILIO = {
    "preset": "twilio",
    "secret": "t0ken",
    "sender": "38000",
    "values": {"account": "AC1"},
    "callbacks": "https://vote.example",
}
BY_TOML = {
    "name": "toml",
    "sender": "38000",
    "report": {"delivered": "state == `1`", "failed": "state == `2`"},
    "request": {"url": "https://e.example", "json": {"to": "{number}", "notify": "{report_url}"}},
}


@pytest.fixture
def with_providers(services: Services) -> FlaskClient:
    """A site behind a proxy, whose election has two declared gateways."""
    gateways = tuple(DeclaredGatewaySection.model_validate(each) for each in (TWILIO, BY_TOML))
    read = tuple(each.model_copy(update={"report": each.report_with_secret}) for each in gateways)
    settings = services.settings
    web = settings.web.model_copy(update={"trusted_proxies": (ip_network("192.0.2.1"),)})
    sms = settings.sms.model_copy(update={"gateways": read})
    return create_site(replace(services, settings=settings.model_copy(update={"sms": sms, "web": web}))).test_client()


PROXIED = {"environ_overrides": {"REMOTE_ADDR": "192.0.2.1"}, "headers": {"X-Forwarded-For": "198.51.100.7"}}


def provider_path(world: World, report: str, gateway: str) -> str:
    message_id = report.split("/")[3]
    return provider_report_url("", gateway, message_id, report_tag(world.dependencies.vault, message_id, gateway))


def signed(path: str, fields: dict[str, str]) -> dict[str, str]:
    text = f"https://vote.example{path}" + "".join(f"{name}{fields[name]}" for name in sorted(fields))
    return {"X-Twilio-Signature": b64encode(hmac.digest(b"t0ken", text.encode(), "sha1")).decode()}


def test_a_provider_reports_through_the_proxy_in_any_order(
    with_providers: FlaskClient, counts: Counts, world: World, report: str
) -> None:
    """Each report counts once. A report that arrives late is noted too."""
    path = provider_path(world, report, "toml")
    for state in (1, 0, 1, 0):
        answer = with_providers.post(path, json={"state": state}, **PROXIED)
        assert (answer.status_code, answer.data) == (202, b"")
    assert counts.told == {("provider_report", "noted"): 2, ("provider_report", "noted-before"): 2}
    assert world.acts(CASE) == [EventType.SMS_REPORTED] * 2
    assert with_providers.get(f"{path}?state=2", **PROXIED).status_code == 202
    as_text = {"data": '{"state": 1}', "content_type": "Application/JSON; charset=utf-8"}
    assert with_providers.post(path, **as_text, **PROXIED).status_code == 202


def test_a_forged_report_of_a_provider_is_refused(with_providers: FlaskClient, world: World, report: str) -> None:
    """A report needs the tag for its own gateway and, from Twilio, a signature of the whole report."""
    toml, twilio = (provider_path(world, report, name) for name in ("toml", "twilio"))
    delivered = {"MessageSid": "SM1", "MessageStatus": "delivered"}
    other_tag = toml.rpartition("/")[2]
    for path in (
        f"{toml}x",
        toml.replace("CODE", "x").replace("7F3K", "7F3J"),
        twilio.rpartition("/")[0] + f"/{other_tag}",
    ):
        assert with_providers.post(path, json={"state": 1}, **PROXIED).status_code == 403, path
    for headers in ({}, signed(twilio, {**delivered, "MessageStatus": "failed"}), signed(toml, delivered)):
        answer = with_providers.post(
            twilio, data=delivered, **{**PROXIED, "headers": {**PROXIED["headers"], **headers}}
        )
        assert answer.status_code == 403
    assert world.acts(CASE) == []
    assert with_providers.post(toml.replace("/toml/", "/none/"), json={"state": 1}, **PROXIED).status_code == 404
    assert with_providers.post(report, **PROXIED).status_code == 403

    good = {**PROXIED["headers"], **signed(twilio, delivered)}
    assert with_providers.post(twilio, data=delivered, **{**PROXIED, "headers": good}).status_code == 202
    assert world.acts(CASE) == [EventType.SMS_REPORTED]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"<html>", b"[" * 9000, b"\xff\x00", b'{"MessageSid": "\xe9"}']
)
def test_a_report_of_a_provider_that_cannot_be_read_is_refused(
    with_providers: FlaskClient, world: World, report: str, body: bytes
) -> None:
    path = provider_path(world, report, "twilio")
    for content_type in ("application/json", "application/x-www-form-urlencoded", "text/html"):
        headers = {**PROXIED["headers"], **signed(path, {})}
        answer = with_providers.post(path, data=body, content_type=content_type, **{**PROXIED, "headers": headers})
        assert answer.status_code in {400, 403}, content_type
    assert world.acts(CASE) == []


@pytest.mark.parametrize(("method", "where"), [("GET", "query_string"), ("POST", "data")])
def test_an_answer_with_the_secret_is_heard(gateway: FlaskClient, counts: Counts, method: str, where: str) -> None:
    """An SMS that answers no code is accepted once, so that the gateway does not repeat it."""
    answers = [gateway.open(SMS_ANSWER_PATH, method=method, headers=basic(SECRET), **{where: ANSWER}) for _ in range(2)]

    assert [(answer.status_code, answer.data) for answer in answers] == [(202, b"")] * 2
    assert counts.told == {("inbound", "unread"): 1, ("inbound", "noted-before"): 1}


@pytest.mark.parametrize("sender", ["000", "+33 00", "+", "０００", "\0", "x" * 99])
def test_a_sender_may_be_anything(gateway: FlaskClient, counts: Counts, sender: str) -> None:
    """Any sender is accepted, because a gateway would repeat a refused SMS."""
    answer = gateway.get(SMS_ANSWER_PATH, query_string={**ANSWER, "from": sender}, headers=basic(SECRET))

    assert (answer.status_code, answer.data) == (202, b"")
    assert counts.told == {("inbound", "unread"): 1}


def test_an_answer_without_the_secret_is_refused(gateway: FlaskClient, counts: Counts) -> None:
    wrong = ({}, basic("other"), basic(""), {"Authorization": "Bearer x"}, {"Authorization": "é"})
    for headers in wrong:
        assert gateway.get(SMS_ANSWER_PATH, query_string=ANSWER, headers=headers).status_code == 403, headers
    assert counts.told == {("inbound", "forged"): len(wrong)}


def test_where_no_secret_is_set_nobody_is_heard(services: Services) -> None:
    """If no secret is configured, even an empty secret is refused."""
    app = create_site(replace(services, settings=with_secret(None)))
    assert app.test_client().get(SMS_ANSWER_PATH, query_string=ANSWER, headers=basic("")).status_code == 403


def test_an_answer_that_is_none_is_refused(gateway: FlaskClient, counts: Counts) -> None:
    """An SMS without an id is refused, because its repetition could not be recognised."""
    for number, change in enumerate(({"id": ""}, {"id": "x" * 200}, {"from": ""}), 1):
        told = {**ANSWER, **change}
        assert gateway.get(SMS_ANSWER_PATH, query_string=told, headers=basic(SECRET)).status_code == 400, change
        assert counts.told == {("inbound", "unreadable"): number}, change


def test_a_text_may_be_anything(gateway: FlaskClient) -> None:
    """The text of an SMS is never trusted, and no text causes a failure."""
    for number, text in enumerate(("", "\0", "012345" * 500, "'; DROP TABLE voters; --", "🗳️", "\u202e543210")):
        told = {**ANSWER, "id": f"odd-{number}", "text": text}
        assert gateway.post(SMS_ANSWER_PATH, data=told, headers=basic(SECRET)).status_code == 202, text


def test_what_a_gateway_told_is_in_no_log(gateway: FlaskClient, logged: list[dict[str, object]], report: str) -> None:
    """The log never contains the number, the code or the tag."""
    gateway.get(report)
    gateway.get(SMS_ANSWER_PATH, query_string=ANSWER, headers=basic(SECRET))
    gateway.get(SMS_ANSWER_PATH, query_string=ANSWER, headers=basic("other"))

    assert len(logged) >= 3
    for secret in (
        "612345678",
        "012345",
        SECRET,
        report.rsplit("/", maxsplit=1)[-1].split("?", maxsplit=1)[0],
        str(Path(report)),
    ):
        assert secret not in str(logged)
