"""Each mail relay: does it answer, is the way protected, does it take our account? No message is sent."""

import ipaddress
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager

from cli.checks import Check, attention, fault, ok
from core.settings import RelaySection, Tls
from core.text import Text
from core.words import doctor as words

LONGEST_WAIT_SECONDS = 5


def check_relay(relay: RelaySection, *, hello: str) -> Check:
    """What the courier would meet there; `hello` is the name given in EHLO, the courier's."""
    subject = words.RELAY.fill({"relay": f"{relay.host}:{relay.port}"})
    try:
        _greet(relay, hello)
    except smtplib.SMTPAuthenticationError as refused:
        return fault(subject, words.RELAY_REFUSES.fill(_detail(refused)), words.CHECK_ACCOUNT)
    except smtplib.SMTPNotSupportedError:
        return fault(subject, words.RELAY_WITHOUT_STARTTLS, words.CHANGE_TLS)
    except ssl.SSLError as failure:
        return fault(subject, words.RELAY_UNTRUSTED.fill(_detail(failure)), words.CHECK_CERTIFICATE)
    except (OSError, ValueError) as failure:
        return fault(subject, words.RELAY_UNREACHABLE.fill(_detail(failure)), words.CHECK_RELAY)
    return _protection(relay, subject)


def _protection(relay: RelaySection, subject: Text) -> Check:
    if relay.tls is not Tls.NONE:
        return ok(subject, words.RELAY_FINE)
    if _on_this_machine(relay.host):
        return ok(subject, words.RELAY_IN_CLEAR_HERE)
    return attention(subject, words.RELAY_IN_CLEAR, words.PROTECT_RELAY)


def _greet(relay: RelaySection, hello: str) -> None:
    """Raises OSError, of which smtplib's exceptions are kinds."""
    context = ssl.create_default_context()
    with _connected(relay, hello, context) as smtp:
        smtp.ehlo_or_helo_if_needed()
        if relay.tls is Tls.STARTTLS:
            smtp.starttls(context=context)
            smtp.ehlo_or_helo_if_needed()
        if relay.username is not None and relay.password is not None:
            smtp.login(relay.username, relay.password.get_secret_value())
        smtp.quit()


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
    return {"detail": str(failure).partition("\n")[0] or type(failure).__name__}
