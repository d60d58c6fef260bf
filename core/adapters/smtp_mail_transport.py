"""Sends mails to SMTP relays over one kept connection a relay; the next relay is tried when one cannot take a mail now."""

import smtplib
import socket
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from time import monotonic

from core.adapters.provider_failover import (
    FailoverTransport,
    ProviderConnection,
    ProviderConnectionLost,
    SendOutcomeUnknown,
    TemporaryProviderRefusal,
)
from core.adapters.smtp_session import has_valid_smtp_addresses, redacted_reply, reply_text, reset_session, send_message
from core.ports import ComposedMail, SendRefused, SendResult

GOODBYE_SECONDS = 0.5
"""Seconds that a relay may take to answer QUIT: a stopping courier does not wait for a silent one."""


class SmtpTlsMode(StrEnum):
    """Protection of a connection; certificates and host names are always checked."""

    NONE = "none"
    STARTTLS = "starttls"
    IMPLICIT = "implicit"


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpRelay:
    """An SMTP relay. `timeout_seconds` is for each answer waited for, the connection included."""

    host: str
    port: int = 587
    tls: SmtpTlsMode = SmtpTlsMode.STARTTLS
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    timeout_seconds: float = 10.0

    @property
    def name(self) -> str:
        """The name shown in timelines and logs."""
        return f"{self.host}:{self.port}"


class SmtpTransport(FailoverTransport[ComposedMail]):
    """The port MailTransport over SMTP, for one thread at a time."""

    def __init__(
        self,
        relays: Sequence[SmtpRelay],
        hello: str,
        *,
        clock: Callable[[], float] = monotonic,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        """`hello` is the name given in EHLO; `clock` counts seconds; `trust` replaces the system's certificate authorities."""
        context = trust or ssl.create_default_context()
        super().__init__([_RelayConnection(relay, hello, context, clock) for relay in relays], "no relay is set")

    def send(self, message: ComposedMail) -> SendResult:
        if not has_valid_smtp_addresses(message):
            return SendRefused(relay="", reason="the address cannot be written in SMTP")
        return super().send(message)


class _RelayConnection(ProviderConnection[ComposedMail]):
    """One relay and its connection, which is kept between messages."""

    def __init__(self, relay: SmtpRelay, hello: str, context: ssl.SSLContext, clock: Callable[[], float]) -> None:
        super().__init__(relay.name, clock)
        self._relay = relay
        self._hello = hello
        self._context = context
        self._smtp: smtplib.SMTP | None = None

    def redact(self, words: str, message: ComposedMail) -> str:
        return redacted_reply(words, message)

    def close(self) -> None:
        """Say goodbye and close."""
        if self._smtp is not None and self._smtp.sock is not None:
            self._smtp.sock.settimeout(GOODBYE_SECONDS)
            with suppress(OSError):
                self._smtp.quit()
        self._drop()

    def _deliver(self, message: ComposedMail) -> None:
        """Send a message, and once more on a new connection when the kept one was closed, as servers do with idle ones."""
        kept = self._smtp is not None
        try:
            self._send_once(message)
        except ProviderConnectionLost:
            if not kept:
                raise
            self._send_once(message)

    def _check_connection(self) -> None:
        kept = self._smtp is not None
        try:
            smtp = self._open()
            if kept:
                reset_session(smtp)
        except (TemporaryProviderRefusal, OSError) as broken:
            self._drop()
            if not kept:
                raise ProviderConnectionLost(str(broken)) from None
            self._check_connection()

    def _send_once(self, envelope: ComposedMail) -> None:
        kept = self._smtp is not None
        try:
            send_message(self._open(), envelope, kept=kept)
        except (ProviderConnectionLost, SendOutcomeUnknown):
            self._drop()
            raise
        except OSError as broken:
            self._drop()
            raise ProviderConnectionLost(reply_text(broken)) from None

    def _open(self) -> smtplib.SMTP:
        self._smtp = self._smtp or connect_to_relay(self._relay, self._hello, self._context)
        return self._smtp

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None


def connect_to_relay(relay: SmtpRelay, hello: str, context: ssl.SSLContext) -> smtplib.SMTP:
    """Open a connection ready for its first mail. Raises OSError, whatever went wrong: the relay is at fault, not the mail."""
    smtp = _open_socket(relay, hello, context)
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


def _open_socket(relay: SmtpRelay, hello: str, context: ssl.SSLContext) -> smtplib.SMTP:
    where = (relay.host, relay.port, hello)
    if relay.tls is SmtpTlsMode.IMPLICIT:
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(*where, timeout=relay.timeout_seconds, context=context)
    else:
        smtp = smtplib.SMTP(*where, timeout=relay.timeout_seconds)
    if smtp.sock is not None:  # a mail of several packets must not wait for a delayed acknowledgement
        smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return smtp
