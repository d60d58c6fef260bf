"""Check that each mail relay answers, encrypts, and accepts our account. No message is sent."""

import ipaddress
import smtplib
import ssl
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

from cli.checks import DoctorCheckResult, failure_detail, fault, passed, warning
from core.adapters.smtp_mail_transport import SmtpRelay, SmtpTlsMode, connect_to_relay
from core.adapters.smtp_session import reply_text
from core.app import doctor_sentences as words
from core.app import doctor_site_and_dns_sentences as outside
from core.app.settings import RelaySection
from core.text.text import Moment, Text

LONGEST_WAIT_SECONDS = 5
SOON = timedelta(days=14)


def check_relay(relay: RelaySection, *, hello: str) -> DoctorCheckResult:
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


def _protection(relay: RelaySection, subject: Text) -> DoctorCheckResult:
    if relay.tls is not SmtpTlsMode.NONE:
        return passed(subject, words.RELAY_FINE)
    if _on_this_machine(relay.host):
        return passed(subject, words.RELAY_IN_CLEAR_HERE)
    return warning(subject, words.RELAY_IN_CLEAR, words.PROTECT_RELAY)


def _greet(relay: RelaySection, hello: str) -> datetime | None:
    """Return when the relay's certificate expires. Raises OSError, the base class of smtplib's exceptions."""
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


def _detail(failure: Exception) -> dict[str, str]:
    if isinstance(failure, smtplib.SMTPResponseException):
        return {"detail": reply_text(failure).partition("\n")[0]}
    return failure_detail(failure)
