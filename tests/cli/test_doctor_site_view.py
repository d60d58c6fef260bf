"""`retrouve doctor` visits the site from outside, and learns whether it tells visitors apart."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs
from werkzeug.serving import make_server

from cli.checks import DoctorCheckSeverity as Severity
from cli.checks.client_address_seen import check_client_address_seen
from core.app import doctor_site_and_dns_sentences as words
from core.app.open_election_folder import open_services
from core.app.settings import Settings, load
from core.app.settings.commented_sample import sample
from core.security.doctor_request_header import HEADER, doctor_header
from core.security.roles_holding_keys import ProgramKeyRole
from tests.support.product import exchange
from tests.support.tiny_site import tiny_site
from webhook.site_application import create_site

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

VISITOR = "203.0.113.9"


@contextmanager
def served(folder: Path, forwarded: str | None) -> Iterator[str]:
    """Serve that election, as behind a proxy on this machine that says so; return the site's address."""
    (folder / "election.toml").write_text(sample(), "utf-8")
    services = open_services(folder, ProgramKeyRole.SERVE)
    site = create_site(services)

    def behind_proxy(environ: "WSGIEnvironment", start_response: "StartResponse") -> Any:  # noqa: ANN401  # WSGI's
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
    """Return the settings of the sample with that address."""
    (folder / "election.toml").write_text(sample(), "utf-8")
    return load(folder, {"RETROUVE_ELECTION__SITE": site})


@pytest.mark.parametrize(
    ("proxies", "forwarded", "verdict", "finding"),
    [
        ([], None, Severity.OK, "127.0.0.1"),
        ([], VISITOR, Severity.FAULT, "trusted_proxies"),
        (["127.0.0.0/8"], VISITOR, Severity.OK, VISITOR),
    ],
)
def test_doctor_learns_how_the_site_sees_a_visitor(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    proxies: list[str],
    forwarded: str | None,
    verdict: Severity,
    finding: str,
) -> None:
    """A proxy that is not declared is a fault: it puts the electorate into one network."""
    monkeypatch.setenv("RETROUVE_WEB__TRUSTED_PROXIES", json.dumps(proxies))
    with served(folder, forwarded) as site:
        (check,) = check_client_address_seen(settings_of(folder, site), folder, datetime.now(UTC))

    assert check.verdict is verdict
    assert finding in str(check.finding.params) + check.finding.msgid


def test_a_site_that_hears_of_no_visitor_behind_its_proxy_is_a_fault(folder: Path) -> None:
    """With https somebody stands before the service, and must say for whom."""
    seen = {"network": "127.0.0.1", "forwarded": False, "declared": True}
    settings = settings_of(folder, "https://vote.exemple.fr")

    (check,) = check_client_address_seen(settings, folder, datetime.now(UTC), lambda _site, _header: seen)

    assert (check.verdict, check.finding) == (Severity.FAULT, words.PROXY_SILENT)


def test_another_site_and_none_want_attention(folder: Path) -> None:
    """A site that does not know this election, and one that does not answer, are reported."""
    with tiny_site() as port:
        (other,) = check_client_address_seen(settings_of(folder, f"http://127.0.0.1:{port}"), folder, datetime.now(UTC))
    (none,) = check_client_address_seen(settings_of(folder, "http://127.0.0.1:1"), folder, datetime.now(UTC))

    assert [each.verdict for each in (other, none)] == [Severity.ATTENTION] * 2
    assert [each.finding.msgid for each in (other, none)] == [words.SITE_STRANGE.msgid, words.SITE_AWAY.msgid]


def test_only_doctor_is_told_what_the_site_sees(folder: Path) -> None:
    """Without the key, with an old header, or with a changed moment the answer is the same as for anybody."""
    services = open_services(folder, ProgramKeyRole.OPERATOR)
    now = datetime.now(UTC)
    good, old = (doctor_header(services.vault, moment) for moment in (now, now - timedelta(minutes=6)))
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
    """The first forwarded request is enough; a visitor's own address is not written."""
    with capture_logs() as logged, served(folder, VISITOR) as site:
        for _ in range(2):
            exchange(site, "GET", "/")

    found = [line for line in logged if line["event"] == "proxy-not-declared"]
    assert [(line["peer"], line["setting"]) for line in found] == [("127.0.0.1", "web.trusted_proxies")]
