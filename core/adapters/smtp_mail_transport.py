"""Sends emails through SMTP relays. If one relay fails, tries the next relay."""

import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from time import monotonic

from core.adapters.provider_failover import (
    TOO_SLOW,
    FailoverTransport,
    PermanentProviderRefusal,
    Provider,
    ProviderConnectionLost,
    SendOutcomeUnknown,
    TemporaryProviderRefusal,
)
from core.adapters.smtp_replies import failure_text, redacted, require_done
from core.ports import ComposedMail, ProcessMeasurements, SendRefused, SendResult

SMTP_ADDRESS = re.compile(r"[!-;=?-~]+")
"""Pattern of addresses that SMTP can transmit: printable ASCII characters except spaces, < and >."""
LINE_WITH_DOT = re.compile(rb"^\.", re.MULTILINE)
GO_ON, FAILED = 354, 400
"""SMTP reply codes: the code that asks for the email's content, and the lowest failure code."""


class SmtpTlsMode(StrEnum):
    """Encryption of the connection to a relay. TLS always checks the certificate and host name."""

    NONE = "none"
    STARTTLS = "starttls"
    IMPLICIT = "implicit"


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpRelay:
    host: str
    port: int = 587
    tls: SmtpTlsMode = SmtpTlsMode.STARTTLS
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    timeout_seconds: float = 10.0

    @property
    def name(self) -> str:
        return f"{self.host}:{self.port}"


class SmtpTransport(FailoverTransport[ComposedMail]):
    def __init__(
        self,
        relays: Sequence[SmtpRelay],
        hello: str,
        *,
        clock: Callable[[], float] = monotonic,
        trust: ssl.SSLContext | None = None,
        measures: ProcessMeasurements | None = None,
    ) -> None:
        """`hello` is the host name for EHLO. `trust` replaces the system's certificate authorities."""
        context = trust or ssl.create_default_context()
        super().__init__([_Relay(relay, hello, context, clock) for relay in relays], "no relay is set", measures, clock)

    def send(self, message: ComposedMail) -> SendResult:
        if not all(map(SMTP_ADDRESS.fullmatch, (message.sender, message.recipient))):
            return SendRefused(relay="", reason="the address cannot be written in SMTP")
        return super().send(message)


class _Relay(Provider[ComposedMail, smtplib.SMTP]):
    def __init__(self, relay: SmtpRelay, hello: str, context: ssl.SSLContext, clock: Callable[[], float]) -> None:
        super().__init__(relay.name, clock)
        self._relay = relay
        self._hello = hello
        self._context = context

    def redact(self, words: str, message: ComposedMail) -> str:
        return redacted(words, message.recipient)

    def _deliver(self, message: ComposedMail, until: float) -> None:
        smtp = self._open()
        try:
            require_done(
                smtp.mail(message.sender), of_the_message=False
            )  # our own address, so a refusal is not about the message
            require_done(smtp.rcpt(message.recipient))
            require_done(_data(smtp, message.content, lambda: self._clock() >= until))
        except ProviderConnectionLost:
            raise
        except (PermanentProviderRefusal, TemporaryProviderRefusal):
            with suppress(OSError):
                smtp.rset()
            raise
        except OSError as broken:
            raise ProviderConnectionLost(failure_text(broken)) from None

    def _connect(self) -> smtplib.SMTP:
        try:
            return connect_to_relay(self._relay, self._hello, self._context)
        except OSError as error:
            raise ProviderConnectionLost(failure_text(error)) from None

    def _is_alive(self, connection: smtplib.SMTP) -> bool:
        # Relays close idle connections.
        with suppress(OSError, TemporaryProviderRefusal, PermanentProviderRefusal):
            require_done(connection.noop())
            return True
        return False

    def _disconnect(self, connection: smtplib.SMTP) -> None:
        # Does not wait for an answer to QUIT.
        with suppress(OSError):
            connection.putcmd("quit")
        connection.close()


def connect_to_relay(relay: SmtpRelay, hello: str, context: ssl.SSLContext) -> smtplib.SMTP:
    """Open a connection to a mail relay. Every failure raises OSError."""
    where, timeout = (relay.host, relay.port, hello), relay.timeout_seconds
    if relay.tls is SmtpTlsMode.IMPLICIT:
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(*where, timeout=timeout, context=context)
    else:
        smtp = smtplib.SMTP(*where, timeout=timeout)
    if smtp.sock is not None:  # an email of several packets must not wait for a delayed acknowledgement
        smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        if relay.tls is SmtpTlsMode.STARTTLS:
            smtp.starttls(context=context)
        smtp.ehlo_or_helo_if_needed()
        if relay.username is not None:
            smtp.login(relay.username, relay.password or "")
    except BaseException:
        smtp.close()
        raise
    return smtp


def _data(smtp: smtplib.SMTP, content: bytes, is_late: Callable[[], bool]) -> tuple[int, bytes]:
    """Send the content of an email. Lines must end with CRLF.

    Raises ProviderConnectionLost, OSError or SendOutcomeUnknown.
    """
    reply = smtp.docmd("DATA")
    if reply[0] != GO_ON:
        if reply[0] < FAILED:
            raise ProviderConnectionLost(f"{reply[0]} in reply to DATA")
        return reply
    if is_late():
        raise ProviderConnectionLost(TOO_SLOW)
    dotted = LINE_WITH_DOT.sub(b"..", content.removesuffix(b"\r\n"))  # RFC 5321 §4.5.2
    try:
        smtp.send(dotted + b"\r\n.\r\n")
        return smtp.getreply()
    except OSError:
        raise SendOutcomeUnknown from None
