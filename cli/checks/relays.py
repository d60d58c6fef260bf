"""Check that each mail relay answers, encrypts, and accepts our account. No message is sent."""

import ipaddress
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from cli.checks import CheckResult, fault, first_line, passed, warning
from core.app import doctor_sentences as words
from core.app import doctor_site_and_dns_sentences as outside
from core.app.settings import RelaySection, Tls
from core.text.text import Moment, Text

LONGEST_WAIT_SECONDS = 5
SOON = timedelta(days=14)


def check_relay(relay: RelaySection, *, hello: str) -> CheckResult:
    """Check one relay; `hello` is the name that the courier gives in EHLO."""
    subject = words.RELAY.fill({"relay": f"{relay.host}:{relay.port}"})
    try:
        certified = _greet(relay, hello)
    except smtplib.SMTPAuthenticationError as refused:
        return fault(subject, words.RELAY_REFUSES.fill(_detail(refused)), words.CHECK_ACCOUNT)
    except smtplib.SMTPNotSupportedError:
        return fault(subject, words.RELAY_WITHOUT_STARTTLS, words.CHANGE_TLS)
    except ssl.SSLError as failure:
        return fault(subject, words.RELAY_UNTRUSTED.fill(_detail(failure)), words.CHECK_CERTIFICATE)
    except (OSError, ValueError) as failure:
        return fault(subject, words.RELAY_UNREACHABLE.fill(_detail(failure)), words.CHECK_RELAY)
    if certified is not None and certified - datetime.now(UTC) < SOON:
        return warning(subject, outside.EXPIRES.fill({"end": Moment(certified)}), outside.RENEW)
    return _protection(relay, subject)


def _protection(relay: RelaySection, subject: Text) -> CheckResult:
    if relay.tls is not Tls.NONE:
        return passed(subject, words.RELAY_FINE)
    if _on_this_machine(relay.host):
        return passed(subject, words.RELAY_IN_CLEAR_HERE)
    return warning(subject, words.RELAY_IN_CLEAR, words.PROTECT_RELAY)


def _greet(relay: RelaySection, hello: str) -> datetime | None:
    """Return when the relay's certificate expires. Raises OSError, the base class of smtplib's exceptions."""
    context = ssl.create_default_context()
    with _connected(relay, hello, context) as smtp:
        smtp.ehlo_or_helo_if_needed()
        if relay.tls is Tls.STARTTLS:
            smtp.starttls(context=context)
            smtp.ehlo_or_helo_if_needed()
        certificate: Any = smtp.sock.getpeercert() if isinstance(smtp.sock, ssl.SSLSocket) else None
        if relay.username is not None and relay.password is not None:
            smtp.login(relay.username, relay.password.get_secret_value())
        smtp.quit()
    return (
        None if certificate is None else datetime.fromtimestamp(ssl.cert_time_to_seconds(certificate["notAfter"]), UTC)
    )


@contextmanager
def _connected(relay: RelaySection, hello: str, context: ssl.SSLContext) -> Iterator[smtplib.SMTP]:
    wait = min(relay.timeout_seconds, LONGEST_WAIT_SECONDS)
    smtp = (
        smtplib.SMTP_SSL(relay.host, relay.port, hello, timeout=wait, context=context)
        if relay.tls is Tls.IMPLICIT
        else smtplib.SMTP(relay.host, relay.port, hello, timeout=wait)
    )
    with closing(smtp):
        yield smtp


def _on_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _detail(failure: Exception) -> dict[str, str]:
    if isinstance(failure, smtplib.SMTPResponseException):
        reply = failure.smtp_error
        said = reply.decode(errors="replace") if isinstance(reply, bytes) else reply
        return {"detail": f"{failure.smtp_code} {said}".partition("\n")[0]}
    return first_line(failure)
