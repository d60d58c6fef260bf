"""SMS are sent to a local provider through the request that the operator declares."""

import dataclasses
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from time import sleep
from typing import Any
from urllib.parse import quote

import pytest
from msgspec.structs import replace

from core.adapters.declared_sms_transport import DeclaredProvider
from core.adapters.logs import collected_lines
from core.adapters.provider_failover import FailoverTransport
from core.app.settings import DeclaredGatewaySection
from core.delivery.lease import SECONDS_TO_SEND
from core.ports import SendAccepted, SendPostponed, SendRefused, Sms
from core.text.text import Language
from tests.support.election import NOON
from tests.support.http_provider import CLOSES, NOTHING, Heard, HttpProvider, Says, http_provider
from tests.support.product import eventually, free_port
from tests.support.smtp_server import MovableSeconds

SMS = Sms(
    recipient="+33612345678",
    text='Code : 012345 é "{x}"',
    message_id="code.7F3K-92QD.12",
    useful_until=NOON + timedelta(minutes=10),
)
TAKEN = Says(202, '{"id": "m-1", "status": "ok"}')
REPORT = "https://vote.exemple.fr/sms/provider/main/code.7F3K-92QD.12/tag"
DECLARED: dict[str, Any] = {
    "name": "main",
    "sender": "38000",
    "secret": "s3cret",
    "request": {
        "auth": "bearer",
        "json": {"to": "{number}", "text": "{text}"},
        "accepted": {"status": [202], "when": "status == 'ok'", "id": "id"},
        "permanent": {"status": [400, 422], "when": "error == 'bad_number'"},
    },
}
Run = Callable[..., HttpProvider]
Over = Callable[..., FailoverTransport[Sms]]


@pytest.fixture
def run() -> Iterator[Run]:
    with ExitStack() as stack:
        yield lambda answer: stack.enter_context(http_provider(answer))


@pytest.fixture
def over() -> Iterator[Over]:
    """Return a function that makes a transport over providers, which all have the same declaration."""
    with ExitStack() as stack:

        def make(
            *providers: HttpProvider,
            declared: dict[str, Any] = DECLARED,
            path: str = "/send",
            clock: Callable[[], float] | None = None,
            now: datetime = NOON,
            timeout: float = 5,
        ) -> FailoverTransport[Sms]:
            gateways, seconds = [], clock or MovableSeconds()
            for index, provider in enumerate(providers):
                request = {**declared.get("request", {}), "url": provider.url + path}
                section = DeclaredGatewaySection.model_validate({**declared, "name": f"g{index}", "request": request})
                gateway = dataclasses.replace(section.declared(), timeout_seconds=timeout)
                gateways.append(DeclaredProvider(gateway, lambda _: REPORT, lambda: now, seconds))
            made = FailoverTransport(gateways, "no gateway is set", clock=seconds)
            stack.callback(made.close)
            return made

        yield make


def sent(provider: HttpProvider) -> object:
    return json.loads(provider.heard[-1].body)


def test_a_declared_acceptance_is_an_acceptance(run: Run, over: Over) -> None:
    provider = run(TAKEN)

    assert over(provider).send(SMS) == SendAccepted(relay="g0")

    assert sent(provider) == {"to": SMS.recipient, "text": SMS.text}
    assert provider.heard[0].headers["authorization"] == "Bearer s3cret"
    assert provider.heard[0].headers["content-type"] == "application/json"


ANSWERS = [
    pytest.param(Says(200, '{"error": "no credit"}'), id="200 with an error"),
    pytest.param(Says(202, '{"id": "m-1", "status": "rejected"}'), id="right status, wrong body"),
    pytest.param(Says(200, '{"id": "m-1", "status": "ok"}'), id="right body, wrong status"),
    pytest.param(Says(202, '{"status": "ok"}'), id="no id"),
    pytest.param(Says(202, b"\x00\xff\x1b]0;x\x07"), id="garbage"),
    pytest.param(Says(202, b'{"id": "m-1", "status": "ok", "of": "\xe9"}'), id="JSON in Latin-1"),
    pytest.param(Says(202, "<html>Welcome to nginx!</html>", "text/html"), id="a page"),
    pytest.param(Says(202, ""), id="an empty body"),
    pytest.param(Says(202, '{"id": "m-1", "sta'), id="half an answer"),
    pytest.param(Says(202, b'{"id": "' + b"x" * 300_000 + b'", "status": "ok"}'), id="a huge body"),
    pytest.param(Says(302, "", headers={"Location": "/elsewhere"}), id="a redirect"),
    pytest.param(Says(301, '{"id": "m-1", "status": "ok"}', headers={"Location": "/elsewhere"}), id="a redirect with a body"),
    pytest.param(Says(429, "{}", headers={"Retry-After": "7"}), id="too many"),
    pytest.param(Says(429, "{}", headers={"Retry-After": "9" * 400}), id="too many, for ever"),
    pytest.param(Says(401, '{"error": "bad_number"}'), id="a wrong secret"),
    pytest.param(Says(400, '{"error": "other"}'), id="400 for another reason"),
    pytest.param(Says(400, "bad_number"), id="400 that is not JSON"),
    pytest.param(Says(500, '{"error": "bad_number"}'), id="500"),
]  # fmt: skip


@pytest.mark.parametrize("answer", ANSWERS)
def test_any_other_answer_leads_to_the_next_gateway(run: Run, over: Over, answer: Says) -> None:
    """After an answer that is not the declared one, the SMS is sent once to the next gateway, or waits."""
    providers = run(answer), run(TAKEN)
    assert over(*providers).send(SMS) == SendAccepted(relay="g1")
    assert [len(provider.heard) for provider in providers] == [1, 1]

    said = over(run(answer)).send(SMS)
    assert isinstance(said, SendPostponed)
    assert "012345" not in said.reason
    assert "\x1b" not in said.reason


def test_a_refused_connection_leads_to_the_next_gateway(run: Run, over: Over) -> None:
    away, second = HttpProvider(lambda _: TAKEN, free_port()), run(TAKEN)
    assert over(away, second).send(SMS) == SendAccepted(relay="g1")
    assert isinstance(over(away).send(SMS), SendPostponed)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(NOTHING, id="nothing"),
        pytest.param(CLOSES, id="a closed connection"),
        pytest.param(Says(202, '{"id', headers={"Content-Length": "99", "Connection": "close"}), id="half an answer"),
        pytest.param(dataclasses.replace(TAKEN, drips="headers"), id="dripping headers"),
        pytest.param(dataclasses.replace(TAKEN, drips="body"), id="a dripping body"),
    ],
)
def test_without_a_whole_answer_no_other_gateway_is_tried(run: Run, over: Over, answer: Says) -> None:
    """The provider may have taken the SMS. So it is sent again later, with the same id."""
    providers = run(answer), run(TAKEN)

    said = over(*providers, timeout=1).send(SMS)

    assert isinstance(said, SendPostponed)
    assert said.answered
    assert [len(provider.heard) for provider in providers] == [1, 0]
    if answer.drips:
        eventually(lambda: providers[0].cut_off == 1, "a closed connection")


def test_no_answer_is_awaited_after_the_couriers_claim(run: Run, over: Over) -> None:
    """The second gateway gets only the time that the first one left, and not its whole timeout."""
    clock = MovableSeconds()

    def refuse_late(_: Heard) -> Says:
        clock.now += SECONDS_TO_SEND - 1
        return Says(503, "{}")

    def accept_late(_: Heard) -> Says:
        sleep(3)
        return TAKEN

    providers = run(refuse_late), run(accept_late)
    assert isinstance(over(*providers, clock=clock, timeout=60).send(SMS), SendPostponed)
    assert [len(provider.heard) for provider in providers] == [1, 1]


def test_a_declared_permanent_refusal_is_final(run: Run, over: Over) -> None:
    """It is stored without the number, the text and the secret."""
    secret = 's3cret é/"'
    answer = Says(
        422, json.dumps({"error": "bad_number", "of": f"{quote(secret)} {secret} {SMS.recipient} {SMS.text}"})
    )
    providers = run(answer), run(TAKEN)

    said = over(*providers, declared={**DECLARED, "secret": secret}).send(SMS)

    assert isinstance(said, SendRefused)
    assert providers[1].heard == []
    for private in ("612345678", "012345", "s3cret"):
        assert private not in said.reason


def test_the_log_shows_the_id_but_not_what_it_quotes(run: Run, over: Over) -> None:
    """A provider may use the number as its id, or an id of any length."""
    with collected_lines() as logged:
        for quoted in (SMS.recipient, SMS.text, "s3cret", "x" * 1000):
            assert over(run(Says(202, json.dumps({"id": f"m-1 {quoted}", "status": "ok"})))).send(SMS)
    assert str(logged).count("m-1") == 4
    assert len(str(logged)) < 2000
    for private in ("612345678", "012345", "s3cret"):
        assert private not in str(logged)


def test_a_json_body_with_another_type_is_read(run: Run, over: Over) -> None:
    """Some providers say "text/plain" or nothing. What counts is the content."""
    provider = run(Says(202, TAKEN.body, "text/html; charset=latin-1"))
    assert over(provider).send(SMS) == SendAccepted(relay="g0")


def test_a_page_is_no_acceptance_even_if_only_a_status_is_declared(run: Run, over: Over) -> None:
    declared = {**DECLARED, "request": {"json": {"to": "{number}"}, "accepted": {"status": [202]}}}
    assert isinstance(over(run(Says(202, "<html>", "text/html")), declared=declared).send(SMS), SendPostponed)
    assert over(run(Says(202, "{}")), declared=declared).send(SMS) == SendAccepted(relay="g0")


def test_an_empty_answer_is_an_acceptance_only_if_plain_text_is_declared(run: Run, over: Over) -> None:
    request = {"json": {"to": "{number}"}, "accepted": {"status": [202], "when": "@ == ''"}}
    for answer, accepted in (("text", SendAccepted), ("json", SendPostponed)):
        declared = {**DECLARED, "request": {**request, "answer": answer}}
        assert isinstance(over(run(Says(202, "")), declared=declared).send(SMS), accepted)
        assert isinstance(over(run(Says(202, "<html>", "text/html")), declared=declared).send(SMS), SendPostponed)


def test_the_rest_of_a_huge_answer_is_not_read(run: Run, over: Over) -> None:
    provider = run(Says(202, b"x" * 10_000_000))
    said = over(provider, timeout=60).send(SMS)
    assert isinstance(said, SendPostponed)
    assert said.reason.startswith("g0: 202 xxx")
    eventually(lambda: provider.cut_off == 1, "a closed connection")


def test_a_proxy_in_the_environment_is_not_used(run: Run, over: Over, monkeypatch: pytest.MonkeyPatch) -> None:
    """An SMS would be readable for that proxy, and its time limits are unknown."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    assert over(run(TAKEN)).send(SMS) == SendAccepted(relay="g0")


def test_a_busy_provider_is_left_alone_for_as_long_as_it_asks(run: Run, over: Over) -> None:
    """After 429 or 503 with Retry-After, no SMS is sent to the provider for that time, but at most a minute."""
    for written, seconds in (("7", 7), ("100000", 60), ("Thu, 01 Jan 2099 00:00:00 GMT", 60)):
        clock = MovableSeconds()
        provider = run(Says(429, "{}", headers={"Retry-After": written}))
        gateways = over(provider, clock=clock)
        for wait, requests in ((0, 1), (seconds - 1, 1), (2, 2)):
            clock.now += wait
            assert isinstance(gateways.send(SMS), SendPostponed)
            assert len(provider.heard) == requests, (written, wait)
    for nonsense in ("soon", "-5", "１"):
        assert isinstance(
            over(run(Says(429, "{}", headers={"Retry-After": nonsense.encode().decode("latin-1")}))).send(SMS),
            SendPostponed,
        )


def test_each_attempt_has_the_same_idempotency_key(run: Run, over: Over) -> None:
    headers = {"Idempotency-Key": "{message_uuid}", "X-Request-Id": "{message_id}"}
    provider = run(Says(503, "{}"))
    gateways = over(provider, declared={**DECLARED, "request": {**DECLARED["request"], "headers": headers}})
    for _ in range(3):
        gateways.send(SMS)

    keys = {(heard.headers["idempotency-key"], heard.headers["x-request-id"]) for heard in provider.heard}
    assert len(provider.heard) == 3
    ((key, request),) = keys
    assert request == SMS.message_id
    assert len(key) == 36
    other = over(provider, declared={**DECLARED, "request": {**DECLARED["request"], "headers": headers}})
    other.send(Sms(recipient=SMS.recipient, text="x", message_id="code.7F3K-92QD.13", useful_until=SMS.useful_until))
    assert provider.heard[-1].headers["idempotency-key"] != key


def oauth(tokens: list[str], lasts: int = 3600) -> Callable[[Heard], Says]:
    """Return the answers of a provider with OAuth2, which knows only the token that it gave last."""

    def answer(heard: Heard) -> Says:
        if heard.path == "/token":
            tokens.append(f"token-{len(tokens)}")
            return Says(200, json.dumps({"access_token": tokens[-1], "token_type": "Bearer", "expires_in": lasts}))
        known = tokens and heard.headers.get("authorization") == f"Bearer {tokens[-1]}"
        return TAKEN if known else Says(401, '{"error": "invalid_token"}')

    return answer


def with_oauth(provider: HttpProvider) -> dict[str, Any]:
    token = {"token_url": f"{provider.url}/token", "username": "client-1", "scope": "sms"}
    return {**DECLARED, "request": {**DECLARED["request"], **token}}


def test_an_oauth_token_is_fetched_kept_and_renewed(run: Run, over: Over) -> None:
    """A token is used until a minute before its end. One that the provider ends early is renewed at once."""
    tokens: list[str] = []
    clock = MovableSeconds()
    provider = run(oauth(tokens))
    gateways = over(provider, declared=with_oauth(provider), clock=clock)

    assert [gateways.send(SMS) for _ in range(3)] == [SendAccepted(relay="g0")] * 3
    assert provider.heard[0].body == b"grant_type=client_credentials&scope=sms&client_id=client-1&client_secret=s3cret"
    assert len(tokens) == 1
    clock.now += 3541
    assert gateways.send(SMS) == SendAccepted(relay="g0")
    assert len(tokens) == 2
    tokens.append("ended")
    assert gateways.send(SMS) == SendAccepted(relay="g0")


@pytest.mark.parametrize(
    "answer",
    [
        Says(400, '{"error": "invalid_client"}'),
        Says(200, "{}"),
        Says(200, "<html>"),
        Says(200, b'{"access_token": "\xe9"}'),
        Says(200, '{"access_token": "a\\r\\nb", "expires_in": 1' + "0" * 400 + "}"),
        NOTHING,
    ],
)
def test_without_a_token_nothing_is_sent(run: Run, over: Over, answer: Says) -> None:
    """The SMS goes to the next gateway, and the log names the gateway without the secret."""
    provider, second = run(answer), run(TAKEN)
    with collected_lines() as logged:
        said = over(provider, second, declared=with_oauth(provider), timeout=0.5).send(SMS)

    assert isinstance(said, SendPostponed | SendAccepted)
    assert {heard.path for heard in provider.heard} == {"/token"}
    assert "s3cret" not in str(logged)


SPOKEN = "Votre code est : 0, 1, 2, 3, 4, 5. Je r\u00e9p\u00e8te : 0, 1, 2, 3, 4, 5. <&>"
CALL = replace(SMS, text=SPOKEN, message_id="call.7F3K-92QD.13", call_language=Language.ENGLISH)


def test_a_call_is_made_only_by_a_gateway_that_can_and_its_text_is_escaped_in_xml(run: Run, over: Over) -> None:
    """A gateway without a declared call is passed over. No answer that quotes the code is kept."""
    quoting = Says(400, json.dumps({"error": "bad_number", "quoted": SPOKEN}))
    silent, calling, refusing = run(TAKEN), run(TAKEN), run(quoting)
    xml = "<Say language='{language}'>{spoken}</Say>"
    call = {**DECLARED["request"], "json": {"from": "{caller}", "xml": xml}, "caller": "+33900000000"}

    assert over(silent).send(CALL) == SendPostponed(reason="no gateway is set", answered=False)
    assert not silent.heard
    declared = {**DECLARED, "call": {**call, "url": calling.url}}
    assert over(silent, declared=declared).send(CALL) == SendAccepted(relay="g0")
    assert not silent.heard
    escaped = SPOKEN.replace("<&>", "&lt;&amp;&gt;")
    assert sent(calling) == {"from": "+33900000000", "xml": f"<Say language='en-GB'>{escaped}</Say>"}
    refused = over(silent, declared={**DECLARED, "call": {**call, "url": refusing.url}}).send(CALL)
    assert isinstance(refused, SendRefused)
    assert "0, 1" not in refused.reason


def test_a_call_has_its_own_validity_and_may_have_its_own_authentication(run: Run, over: Over) -> None:
    """Otherwise it uses the account of the SMS, also an OAuth2 token."""
    tokens: list[str] = []
    provider = run(oauth(tokens))
    call = {**DECLARED["request"], "url": f"{provider.url}/call", "caller": "+33900000000", "auth": None}
    declared = {**with_oauth(provider), "call": {**call, "json": {"ttl": "{valid_seconds}"}, "valid_at_most": 60}}

    assert over(provider, declared=declared).send(CALL) == SendAccepted(relay="g0")
    assert sent(provider) == {"ttl": 60}
    declared["call"] = {**declared["call"], "auth": "header:X-Key"}
    assert isinstance(over(provider, declared=declared).send(CALL), SendPostponed)
    assert provider.heard[-1].headers["x-key"] == "s3cret"
    assert "authorization" not in provider.heard[-1].headers
