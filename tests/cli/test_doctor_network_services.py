"""`retrouve doctor` checks the SMS gateways, the shared Valkey and the site as a visitor sees it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from pydantic import SecretStr
from werkzeug.serving import make_server

from cli.checks import DoctorCheckSeverity
from cli.checks.network_services import (
    check_client_address_seen,
    check_gateway,
    check_gateways,
    check_shared_limits,
    check_slow_visitors,
)
from core.adapters.logs import collected_lines
from core.app.election_folder import open_services
from core.app.health import doctor_sentences as words
from core.app.health import site_sentences as outside
from core.app.settings import KannelSection, Settings
from core.app.settings.election_toml_template import sample
from core.security.doctor_request_header import HEADER, doctor_header
from core.security.key_roles import ProgramKeyRole
from core.text.text import Language
from core.text.translation import translate
from demo.sms_gateway import SENDSMS, DemoGatewayAccount, gateway_server
from demo.telephones import DemoSmsStore
from tests.cli.test_doctor import found
from tests.support.product import exchange, free_port
from tests.support.settings import load_with
from tests.support.tiny_site import tiny_site
from tests.support.valkey import Valkey, valkey
from tests.support.worlds import sample_settings
from webhook.site_application import create_site

OK, ATTENTION, FAULT = DoctorCheckSeverity


@pytest.fixture
def section(tmp_path: Path) -> Iterator[KannelSection]:
    account = DemoGatewayAccount(username="retrouve", password="open", inbound="", secret="")
    telephones = DemoSmsStore(tmp_path / "telephones.sqlite3")
    with gateway_server(telephones, account, "127.0.0.1", 0) as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}{SENDSMS}"
        yield KannelSection(url=url, username="retrouve", password=SecretStr("open"), sender="38000")
        server.shutdown()
    assert telephones.messages() == []


def with_sms(**sms: object) -> Settings:
    settings = sample_settings()
    return settings.model_copy(update={"sms": settings.sms.model_copy(update=sms)})


def test_a_gateway_is_fine_if_it_answers_and_accepts_the_account(section: KannelSection) -> None:
    """Doctor reports an SMS gateway that is unreachable or refuses the password, without sending an SMS."""
    wrong = section.model_copy(update={"password": SecretStr("other")})
    away = section.model_copy(update={"url": f"http://127.0.0.1:{free_port()}/x"})

    assert found(check_gateway(section)) == (OK, words.GATEWAY_FINE.msgid)
    assert found(check_gateway(wrong)) == (FAULT, words.GATEWAY_REFUSES.msgid)
    assert found(check_gateway(away)) == (FAULT, words.GATEWAY_UNREACHABLE.msgid)


@pytest.mark.parametrize("status", [200, 400])
def test_a_web_server_in_place_of_a_gateway_is_a_fault(section: KannelSection, status: int) -> None:
    """Doctor recognises a web server at the address of an SMS gateway and reports it as a fault."""

    class WebServer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(b"<html>Welcome to nginx!</html>")

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    with HTTPServer(("127.0.0.1", 0), WebServer) as server:
        Thread(target=server.handle_request, daemon=True).start()
        odd = section.model_copy(update={"url": f"http://127.0.0.1:{server.server_port}/cgi-bin/sendsms"})

        assert found(check_gateway(odd)) == (FAULT, words.GATEWAY_ODD.msgid)


def test_what_is_missing_of_the_gateways_wants_attention(section: KannelSection) -> None:
    """Doctor asks for attention if there is no SMS gateway or no secret for delivery reports."""
    (none,) = check_gateways(with_sms())
    assert found(none) == (ATTENTION, words.NO_GATEWAY.msgid)

    without_secret = check_gateways(with_sms(gateways=(section,)))
    whole = check_gateways(with_sms(gateways=(section,), inbound_secret=SecretStr("x")))
    assert [[check.verdict for check in checks] for checks in (without_secret, whole)] == [[OK, ATTENTION], [OK]]


@pytest.fixture
def server() -> Iterator[Valkey]:
    """A Valkey server that has not been started yet."""
    with valkey() as made:
        yield made


def settings(url: str | None) -> Settings:
    return sample_settings().model_copy(update={"throttle_url": url})


def limits_found(url: str) -> tuple[DoctorCheckSeverity, str]:
    (check,) = check_shared_limits(settings(url))
    return check.verdict, translate(check.sentence(), Language.FRENCH)


def test_without_shared_limits_there_is_no_check() -> None:
    """Without shared limits, doctor prints no line about Valkey."""
    assert list(check_shared_limits(settings(None))) == []
    unlimited = settings("valkey://127.0.0.1:1").model_copy(update={"throttle_networks": False})
    assert list(check_shared_limits(unlimited)) == []


def test_a_server_that_answers_is_fine_and_one_that_does_not_wants_attention(server: Valkey) -> None:
    """Doctor asks for attention if Valkey is unreachable, and does not print its password."""
    verdict, sentence = limits_found(server.url.replace("//", "//retrouve:s3cret@"))

    assert verdict is ATTENTION
    assert "les pages fonctionnent, et chaque programme compte pour lui. Démarrez-le" in sentence
    assert "s3cret" not in sentence

    server.start()
    verdict, sentence = limits_found(server.url)
    assert verdict is OK
    assert sentence.startswith("bon – limites par réseau : Valkey 8.")


@pytest.mark.parametrize(
    ("options", "account", "said"),
    [
        (("--requirepass", "s3cret"), "", "Valkey refuse ce compte"),
        (("--requirepass", "s3cret"), "default:wrong@", "Valkey refuse ce compte"),
        (("--replicaof", "127.0.0.1 1"), "", "adresse du serveur principal"),  # a replica cannot count requests
    ],
)
def test_a_server_that_cannot_be_used_wants_attention(
    server: Valkey, options: tuple[str, ...], account: str, said: str
) -> None:
    """Doctor asks for attention if Valkey refuses or requires a password, or is a replica."""
    server.start(*options)

    verdict, sentence = limits_found(server.url.replace("//", f"//{account}"))

    assert verdict is ATTENTION
    assert said in sentence


VISITOR = "203.0.113.9"


@contextmanager
def served(folder: Path, forwarded: str | None) -> Iterator[str]:
    """Serve an election as if behind a proxy on this machine. Yields the address of the site."""
    (folder / "election.toml").write_text(sample(), "utf-8")
    services = open_services(folder, ProgramKeyRole.SERVE)
    site = create_site(services)

    def behind_proxy(environ: WSGIEnvironment, start_response: StartResponse) -> Any:  # noqa: ANN401  # WSGI's
        if forwarded is not None:
            environ["HTTP_X_FORWARDED_FOR"] = forwarded
        return site(environ, start_response)

    with make_server("127.0.0.1", 0, behind_proxy) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
            services.close()


def settings_of(folder: Path, site: str) -> Settings:
    (folder / "election.toml").write_text(sample(), "utf-8")
    return load_with(folder, {"RETROUVE_ELECTION__SITE": site})


@pytest.mark.parametrize(
    ("proxies", "forwarded", "verdict", "finding"),
    [
        ([], None, OK, "127.0.0.1"),
        ([], VISITOR, FAULT, "trusted_proxies"),
        (["127.0.0.0/8"], VISITOR, OK, VISITOR),
    ],
)
def test_doctor_learns_how_the_site_sees_a_visitor(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    proxies: list[str],
    forwarded: str | None,
    verdict: DoctorCheckSeverity,
    finding: str,
) -> None:
    """Doctor reports a proxy that the settings do not declare, because all visitors would share one network."""
    monkeypatch.setenv("RETROUVE_WEB__TRUSTED_PROXIES", json.dumps(proxies))
    with served(folder, forwarded) as site:
        (check,) = check_client_address_seen(settings_of(folder, site), folder, datetime.now(UTC))

    assert check.verdict is verdict
    assert finding in str(check.finding.params) + check.finding.msgid


def test_a_site_that_hears_of_no_visitor_behind_its_proxy_is_a_fault(folder: Path) -> None:
    """Doctor reports a declared proxy that does not forward the visitor's address as a fault."""
    seen = {"network": "127.0.0.1", "forwarded": False, "declared": True}
    settings = settings_of(folder, "https://vote.exemple.fr")

    (check,) = check_client_address_seen(settings, folder, datetime.now(UTC), lambda _site, _header: seen)

    assert (check.verdict, check.finding) == (FAULT, outside.PROXY_SILENT)


def test_without_a_declared_proxy_the_site_must_wait_for_slow_visitors(folder: Path) -> None:
    """Doctor asks for attention if the site has no declared proxy, because slow visitors can block it."""
    (alone,) = check_slow_visitors(settings_of(folder, "https://vote.exemple.fr"))
    proxies = {"RETROUVE_WEB__TRUSTED_PROXIES": '["192.0.2.7/32"]'}
    (behind_proxy,) = check_slow_visitors(load_with(folder, proxies))

    assert (alone.verdict, alone.finding) == (ATTENTION, outside.SITE_WAITS)
    assert (behind_proxy.verdict, behind_proxy.finding) == (OK, outside.PROXY_WAITS)


def test_another_site_and_none_want_attention(folder: Path) -> None:
    """Doctor asks for attention if the site belongs to another election or does not answer."""
    with tiny_site() as port:
        (other,) = check_client_address_seen(settings_of(folder, f"http://127.0.0.1:{port}"), folder, datetime.now(UTC))
    (none,) = check_client_address_seen(settings_of(folder, "http://127.0.0.1:1"), folder, datetime.now(UTC))

    assert [each.verdict for each in (other, none)] == [ATTENTION] * 2
    assert [each.finding.msgid for each in (other, none)] == [outside.SITE_STRANGE.msgid, outside.SITE_AWAY.msgid]


def test_only_doctor_is_told_what_the_site_sees(folder: Path) -> None:
    """The site says how it sees a visitor only if the request has a valid and recent header from doctor."""
    services = open_services(folder, ProgramKeyRole.OPERATOR)
    now = datetime.now(UTC)
    good, old = (doctor_header(services.dependencies.vault, moment) for moment in (now, now - timedelta(minutes=6)))
    moment, _, digest = good.partition(".")
    with served(folder, None) as site:
        told = [
            exchange(site, "GET", "/healthz", headers={HEADER: header} if header else {}).body
            for header in (None, old, f"{int(moment) + 1}.{digest}", "x", f"{moment}.é", good)
        ]
    services.close()

    assert set(told[:-1]) == {'{"alive":true}\n'}
    assert json.loads(told[-1])["seen"] == {"network": "127.0.0.1", "forwarded": False, "declared": False}


def test_the_site_logs_an_undeclared_proxy_once(folder: Path) -> None:
    """The site logs an undeclared proxy only once, without the visitor's address."""
    with collected_lines() as logged, served(folder, VISITOR) as site:
        for _ in range(2):
            exchange(site, "GET", "/")

    found = [line for line in logged if line["event"] == "proxy-not-declared"]
    assert [(line["peer"], line["setting"]) for line in found] == [("127.0.0.1", "web.trusted_proxies")]
