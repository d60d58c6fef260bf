"""Checks the site, the mail relays, the SMS gateways and Valkey, without sending any messages."""

import ipaddress
import json
import smtplib
import ssl
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from limits.storage import RedisSentinelStorage, RedisStorage
from valkey.exceptions import AuthenticationError, NoPermissionError, ValkeyError

from cli.checks import DoctorCheckResult, failure_detail, fault, passed, warning
from core.adapters.declared_requests import fill_url
from core.adapters.http_client import HttpAnswer, HttpClient, HttpNotAnswered, HttpNotSent, HttpRequest
from core.adapters.kannel_sms_transport import UNAUTHORISED
from core.adapters.key_vault import KeyFileRefused
from core.adapters.role_key_files import open_vault
from core.adapters.smtp_mail_transport import SmtpRelay, SmtpTlsMode, connect_to_relay
from core.adapters.smtp_replies import failure_text
from core.adapters.valkey_network_limits import lazily_connecting_valkey_storage
from core.app.health import doctor_sentences as words
from core.app.health import site_sentences as outside
from core.app.settings import DeclaredGatewaySection, KannelSection, RelaySection, Settings
from core.security.doctor_request_header import HEADER, SEEN, doctor_header
from core.security.key_roles import ProgramKeyRole
from core.text.text import Moment, Text

LONGEST_WAIT_SECONDS = 5
LARGEST_ANSWER = 4096
LARGEST_METRICS = 1 << 22
EXPIRES_SOON = timedelta(days=14)
SETTINGS_REFUSED = "retrouve_settings_refused"
"""Name of the metric that is 1 if a program refused its settings at the last reload."""
NO_RECIPIENT = 400
"""The HTTP status that Kannel returns if a request has no recipient."""
RECIPIENT_MISSING = "receiver"
"""A word that Kannel's answer contains if a request has no recipient."""


def _ask(request: HttpRequest, largest_answer: int = LARGEST_ANSWER) -> HttpAnswer:
    """Send a request and return the answer. Raises HttpNotSent and HttpNotAnswered."""
    with closing(HttpClient(LONGEST_WAIT_SECONDS)) as client:
        return client.send(request, largest_answer)


def ask_what_site_sees(site: str, header: str) -> dict[str, Any] | None:
    """Ask the site what it knows about this client's connection. Returns None if the site is not Retrouve.

    Raises HttpNotSent and HttpNotAnswered.
    """
    answer = _ask(HttpRequest(method="GET", url=f"{site}/healthz", headers={HEADER: header}))
    try:
        report = json.loads(answer.body)
    except ValueError:
        return None
    seen = report.get(SEEN) if isinstance(report, dict) else None
    return seen if isinstance(seen, dict) and {"network", "forwarded", "declared"} <= set(seen) else None


def check_client_address_seen(
    settings: Settings,
    folder: Path,
    now: datetime,
    ask_site_view: Callable[[str, str], dict[str, Any] | None] = ask_what_site_sees,
) -> Iterator[DoctorCheckResult]:
    """Check that the site knows the network address of each visitor."""
    site = {"site": settings.election.site}
    try:
        header = doctor_header(open_vault(folder, ProgramKeyRole.OPERATOR, command=settings.key_command), now)
        seen = ask_site_view(settings.election.site, header)
    except KeyFileRefused:
        return
    except (HttpNotSent, HttpNotAnswered) as failure:
        facts = {**site, **failure_detail(failure)}
        yield warning(outside.OUTSIDE, outside.SITE_AWAY.fill(facts), outside.CHECK_SITE)
        return
    if seen is None:
        yield warning(outside.OUTSIDE, outside.SITE_STRANGE.fill(site), outside.CHECK_SITE)
    elif seen["forwarded"] and not seen["declared"]:
        yield fault(outside.OUTSIDE, outside.PROXY_UNDECLARED, outside.DECLARE_PROXY)
    elif (
        settings.election.site.startswith("https:") and not seen["forwarded"]
    ):  # the web server itself has no TLS, so there must be a proxy
        yield fault(outside.OUTSIDE, outside.PROXY_SILENT, outside.LET_PROXY_TELL)
    else:
        yield passed(outside.OUTSIDE, outside.SITE_SEES.fill({**site, "network": str(seen["network"])}))


def check_slow_visitors(settings: Settings) -> Iterator[DoctorCheckResult]:
    """Check that the site is behind a proxy. Without a proxy, slow visitors would block the site.

    A demo is not checked.
    """
    if settings.demo:
        return
    if settings.web.trusted_proxies:
        yield passed(outside.SLOW_VISITORS, outside.PROXY_WAITS)
    else:
        yield warning(outside.SLOW_VISITORS, outside.SITE_WAITS, outside.ADD_PROXY)


def check_reloads(settings: Settings) -> Iterator[DoctorCheckResult]:
    """Warn if a program on this host refused its settings at the last reload."""
    ports = {"serve": settings.metrics.serve_port, "courier": settings.metrics.courier_port}
    for program, port in ports.items():
        if port is None:
            continue
        page = HttpRequest(method="GET", url=f"http://{settings.metrics.host}:{port}/metrics")
        try:
            metrics = _ask(page, LARGEST_METRICS).text
        except (HttpNotSent, HttpNotAnswered):
            continue  # the program does not run here
        if f"\n{SETTINGS_REFUSED} 1.0\n" in metrics:
            yield warning(words.SETTINGS, words.RELOAD_REFUSED.fill({"program": program}), words.RELOAD_AGAIN)


def check_relay(relay: RelaySection, *, hello: str) -> DoctorCheckResult:
    """Check that a mail relay accepts connections. `hello` is the host name that the courier sends with EHLO."""
    subject = words.RELAY.fill({"relay": f"{relay.host}:{relay.port}"})
    try:
        certified = _greet(relay, hello)
    except smtplib.SMTPAuthenticationError as refused:
        return fault(subject, words.RELAY_REFUSES.fill(_relay_failure_detail(refused)), words.CHECK_ACCOUNT)
    except smtplib.SMTPNotSupportedError:
        return fault(subject, words.RELAY_WITHOUT_STARTTLS, words.CHANGE_TLS)
    except ssl.SSLError as failure:
        return fault(subject, words.RELAY_UNTRUSTED.fill(_relay_failure_detail(failure)), words.CHECK_CERTIFICATE)
    except (OSError, ValueError) as failure:
        return fault(subject, words.RELAY_UNREACHABLE.fill(_relay_failure_detail(failure)), words.CHECK_RELAY)
    if certified is not None and certified - datetime.now(UTC) < EXPIRES_SOON:
        return warning(subject, outside.EXPIRES.fill({"end": Moment(certified)}), outside.RENEW)
    return _protection(relay, subject)


def _protection(relay: RelaySection, subject: Text) -> DoctorCheckResult:
    if relay.tls is not SmtpTlsMode.NONE:
        return passed(subject, words.RELAY_FINE)
    if _on_this_machine(relay.host):
        return passed(subject, words.RELAY_IN_CLEAR_HERE)
    return warning(subject, words.RELAY_IN_CLEAR, words.PROTECT_RELAY)


def _greet(relay: RelaySection, hello: str) -> datetime | None:
    """Connect to the relay. Returns the expiry date of the relay's certificate, or None.

    Raises OSError and SMTPException.
    """
    seconds = min(relay.timeout_seconds, LONGEST_WAIT_SECONDS)
    asked = SmtpRelay(**{**relay.connection_settings, "timeout_seconds": seconds})
    with closing(connect_to_relay(asked, hello, ssl.create_default_context())) as smtp:
        certificate: Any = smtp.sock.getpeercert() if isinstance(smtp.sock, ssl.SSLSocket) else None
        smtp.quit()
    ends = None if certificate is None else ssl.cert_time_to_seconds(certificate["notAfter"])
    return None if ends is None else datetime.fromtimestamp(ends, UTC)


def _on_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _relay_failure_detail(failure: Exception) -> dict[str, str]:
    if isinstance(failure, smtplib.SMTPResponseException):
        return {"detail": failure_text(failure).partition("\n")[0]}
    return failure_detail(failure)


def check_gateways(settings: Settings) -> Iterator[DoctorCheckResult]:
    if not settings.sms.gateways:
        yield warning(words.GATEWAYS, words.NO_GATEWAY, words.SET_GATEWAY)
        return
    for gateway in settings.sms.gateways:
        yield check_gateway(gateway) if isinstance(gateway, KannelSection) else check_provider(gateway)
    if settings.sms.inbound_secret is None:
        yield warning(words.ANSWERS, words.NO_INBOUND_SECRET, words.SET_INBOUND_SECRET)


def check_provider(gateway: DeclaredGatewaySection) -> DoctorCheckResult:
    """Check that the server of the SMS provider can be reached. `doctor --sms` also checks the account."""
    subject = words.GATEWAY.fill({"gateway": gateway.name})
    place = urlsplit(fill_url(gateway.request.url, defaultdict(str, gateway.values)))
    try:
        _ask(HttpRequest(method="GET", url=f"{place.scheme}://{place.netloc}/"))
    except (HttpNotSent, HttpNotAnswered) as failure:
        return fault(subject, words.GATEWAY_UNREACHABLE.fill(failure_detail(failure)), words.CHECK_GATEWAY)
    return passed(subject, words.PROVIDER_ANSWERS.fill({"site": place.netloc}))


def check_gateway(gateway: KannelSection) -> DoctorCheckResult:
    subject = words.GATEWAY.fill({"gateway": gateway.name})
    identity = {"X-Kannel-Username": gateway.username, "X-Kannel-Password": gateway.connection_settings["password"]}
    headers = {"Content-Type": "text/plain", "X-Kannel-From": gateway.sender, **identity}
    try:
        response = _ask(HttpRequest(method="POST", url=gateway.url, headers=headers))
    except (HttpNotSent, HttpNotAnswered) as failure:
        return fault(subject, words.GATEWAY_UNREACHABLE.fill(failure_detail(failure)), words.CHECK_GATEWAY)
    first_line = response.text.partition("\n")[0]
    if response.status == NO_RECIPIENT and RECIPIENT_MISSING in first_line:
        return passed(subject, words.GATEWAY_FINE)
    if first_line.startswith(UNAUTHORISED):
        return fault(subject, words.GATEWAY_REFUSES, words.CHECK_GATEWAY_ACCOUNT)
    return fault(subject, words.GATEWAY_ODD.fill({"detail": f"{response.status} {first_line}"}), words.CHECK_GATEWAY)


def check_shared_limits(settings: Settings) -> Iterator[DoctorCheckResult]:
    """If Valkey is configured, check it. Without Valkey, the site works but does not limit requests per network."""
    if settings.throttle_url is None or not settings.throttle_networks:
        return
    storage = lazily_connecting_valkey_storage(settings.throttle_url, LONGEST_WAIT_SECONDS)
    try:
        version, role, replicas = _ask_valkey(storage)
        silent = ", ".join(_silent_sentinels(storage))
    except (AuthenticationError, NoPermissionError) as refused:
        yield warning(words.NETWORKS, words.NETWORKS_REFUSED.fill(failure_detail(refused)), words.CHECK_VALKEY_ACCOUNT)
        return
    except (ValkeyError, OSError) as failure:
        yield warning(words.NETWORKS, words.NETWORKS_UNREACHABLE.fill(failure_detail(failure)), words.START_VALKEY)
        return
    facts = {"version": version, "sentinels": silent}
    if role != "master":
        yield warning(words.NETWORKS, words.NETWORKS_READ_ONLY.fill(facts), words.NAME_PRIMARY)
    elif silent:
        yield warning(words.NETWORKS, words.SENTINELS_SILENT.fill(facts), words.START_SENTINELS)
    elif isinstance(storage, RedisSentinelStorage) and not replicas:
        yield warning(words.NETWORKS, words.NETWORKS_ALONE.fill(facts), words.START_REPLICA)
    else:
        yield passed(words.NETWORKS, words.NETWORKS_FINE.fill(facts))


def _ask_valkey(storage: RedisStorage) -> tuple[str, str, int]:
    """Return Valkey's version, its role ("master" or "slave"), and its number of replicas."""
    client: Any = storage.get_connection()
    with closing(client):
        info = client.info()
        version = str(info.get("valkey_version") or info["redis_version"])
        return version, str(info["role"]), int(info.get("connected_slaves", 0))


def _silent_sentinels(storage: RedisStorage) -> Iterator[str]:
    for sentinel in storage.sentinel.sentinels if isinstance(storage, RedisSentinelStorage) else ():
        with closing(sentinel):
            try:
                sentinel.ping()
            except (ValkeyError, OSError):
                where = sentinel.get_connection_kwargs()
                yield f"{where['host']}:{where['port']}"
