"""Hands messages to SMTP relays: one connection a relay, kept open; the next relay when one cannot take a mail now."""

import smtplib
import socket
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from time import monotonic

from core.adapters.smtp_session import (
    Deferred,
    ForGood,
    Lost,
    NotNow,
    Unanswered,
    addressable,
    begin_again,
    hand_over,
    speakable,
    words_of,
)
from core.ports import Envelope, Postponed, Refused, Sent

FIRST_PAUSE_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 60.0
GOODBYE_SECONDS = 0.5
"""How long a relay may take to answer QUIT: a stopping courier does not wait for a silent one."""


class Tls(StrEnum):
    """How a connection is protected; certificates and host names are always checked."""

    NONE = "none"
    STARTTLS = "starttls"
    IMPLICIT = "implicit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """An SMTP relay. `timeout_seconds` is for each answer waited for, the connection included."""

    host: str
    port: int = 587
    tls: Tls = Tls.STARTTLS
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    timeout_seconds: float = 10.0

    @property
    def name(self) -> str:
        """As timelines and logs name it."""
        return f"{self.host}:{self.port}"


class SmtpCarrier:
    """The port Carrier over SMTP, for one thread at a time. `hello` is the name given in EHLO."""

    def __init__(
        self,
        relays: Sequence[Relay],
        hello: str,
        *,
        clock: Callable[[], float] = monotonic,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        """`clock` counts seconds, for the pauses; `trust` replaces the system's certificate authorities."""
        context = trust or ssl.create_default_context()
        self._lines = [_Line(relay, hello, context, clock) for relay in relays]

    def send(self, envelope: Envelope) -> Sent | Refused | Postponed:
        if not addressable(envelope):
            return Refused(relay="", reason="the address cannot be written in SMTP")
        reasons: list[str] = []
        answered = False
        for line in self._lines:
            name = line.relay.name
            try:
                line.send(envelope)
            except ForGood as refused:
                return Refused(relay=name, reason=speakable(str(refused), envelope))
            except Unanswered:
                # Another relay would make a second mail of it; the same bytes go again later, with one Message-ID.
                return Postponed(reason=f"{name}: no answer after the end of the message", answered=True)
            except NotNow as failure:
                answered |= isinstance(failure, Deferred)
                reasons.append(f"{name}: {speakable(str(failure), envelope)}")
            else:
                return Sent(relay=name)
        return Postponed(reason="; ".join(reasons) or "no relay is set", answered=answered)

    def reachable(self) -> bool:
        return any(line.reachable() for line in self._lines)

    def close(self) -> None:
        for line in self._lines:
            line.hang_up()


class _Line:
    """One relay: its connection, if there is one, and the growing pause it is given while it fails."""

    def __init__(self, relay: Relay, hello: str, context: ssl.SSLContext, clock: Callable[[], float]) -> None:
        self.relay = relay
        self._hello = hello
        self._context = context
        self._clock = clock
        self._smtp: smtplib.SMTP | None = None
        self._pause = 0.0
        self._rests_until = 0.0

    def send(self, envelope: Envelope) -> None:
        """Returns when the relay has taken the message. Raises ForGood, NotNow, Unanswered."""
        if self._resting():
            raise NotNow("resting after a failure")
        try:
            self._try(envelope)
        except (Lost, Unanswered):
            self._rest()
            raise
        self._pause = 0.0

    def reachable(self) -> bool:
        """Whether the relay greets us, on the connection kept or on a new one."""
        if self._resting():
            return False
        for _ in range(1 if self._smtp is None else 2):
            try:
                smtp, kept = self._open()
                if kept:
                    begin_again(smtp)
            except (NotNow, OSError):
                self._drop()
            else:
                return True
        self._rest()
        return False

    def _resting(self) -> bool:
        return bool(self._pause) and self._clock() < self._rests_until

    def _try(self, envelope: Envelope) -> None:
        """A server closes idle connections and well-used ones: that is no failure, closing a new one is."""
        kept = self._smtp is not None
        try:
            self._send_once(envelope)
        except Lost:
            if not kept:
                raise
            self._send_once(envelope)

    def _send_once(self, envelope: Envelope) -> None:
        try:
            smtp, kept = self._open()
            hand_over(smtp, envelope, kept=kept)
        except (Lost, Unanswered):
            self._drop()
            raise
        except OSError as broken:
            self._drop()
            raise Lost(words_of(broken)) from None

    def _open(self) -> tuple[smtplib.SMTP, bool]:
        """The connection, and whether it was there before."""
        kept = self._smtp is not None
        self._smtp = self._smtp or _connect(self.relay, self._hello, self._context)
        return self._smtp, kept

    def _rest(self) -> None:
        self._pause = min(max(self._pause * 2, FIRST_PAUSE_SECONDS), LONGEST_PAUSE_SECONDS)
        self._rests_until = self._clock() + self._pause

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None

    def hang_up(self) -> None:
        """Says goodbye and closes."""
        if self._smtp is not None and self._smtp.sock is not None:
            self._smtp.sock.settimeout(GOODBYE_SECONDS)
            with suppress(OSError):
                self._smtp.quit()
        self._drop()


def _connect(relay: Relay, hello: str, context: ssl.SSLContext) -> smtplib.SMTP:
    """A connection ready for its first mail. Raises OSError, whatever went wrong: that is the relay, not the mail."""
    smtp = _dial(relay, hello, context)
    try:
        if relay.tls is Tls.STARTTLS:
            smtp.starttls(context=context)
        smtp.ehlo_or_helo_if_needed()
        if relay.username is not None:
            smtp.login(relay.username, relay.password or "")
    except BaseException:
        smtp.close()
        raise
    return smtp


def _dial(relay: Relay, hello: str, context: ssl.SSLContext) -> smtplib.SMTP:
    where = (relay.host, relay.port, hello)
    if relay.tls is Tls.IMPLICIT:
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(*where, timeout=relay.timeout_seconds, context=context)
    else:
        smtp = smtplib.SMTP(*where, timeout=relay.timeout_seconds)
    if smtp.sock is not None:  # a mail of several packets must not wait for a delayed acknowledgement
        smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return smtp
