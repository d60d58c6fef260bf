"""Hands SMS to Kannel gateways: one connection a gateway, kept open; the next one when a gateway cannot take an SMS now.

The text goes in the body and everything else in X-Kannel headers (Kannel User's Guide, "Using the HTTP interface to send
SMS messages"): parameters in the address would put the password and the text into the gateway's logs.
"""

import http.client
import select
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from urllib.parse import urlsplit

import structlog

from core.ports import Delivery, Postponed, Refused, Sent, Sms

FIRST_PAUSE_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 60.0
REASON_LENGTH = 120
DELIVERIES: Mapping[int, Delivery] = {
    1: Delivery.DELIVERED,
    2: Delivery.UNDELIVERED,
    4: Delivery.BUFFERED,
    8: Delivery.ACCEPTED,
    16: Delivery.REJECTED,
}
"""What Kannel's report numbers mean (User's Guide, "Delivery Reports"). They are bits, and it may set others beside them."""
LONGEST_REPORT = 3
"""Digits."""
MASK = sum(DELIVERIES)
"""Every report is asked for."""
SEPTETS = "0"
"""The coding "7 bits": the gateway turns UTF-8 into the GSM alphabet, and the text has been held to it."""
MINUTE = timedelta(minutes=1)
TOO_MANY = 429
OUR_FAULT = frozenset({401, 404, 405})
"""Credentials or an address that its operator must mend: another gateway may take the SMS meanwhile."""
UNAUTHORISED = "Authorization failed"
"""How Kannel words a wrong password, under the same 403 as a number that nothing routes."""

log = structlog.get_logger()


def delivery_of(report: str) -> Delivery | None:
    """What a report's number says; None if it is none of Kannel's."""
    if not (report.isascii() and report.isdigit() and len(report) <= LONGEST_REPORT):
        return None
    return next((delivery for bit, delivery in DELIVERIES.items() if int(report) & bit), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """An smsbox of Kannel. `url` is its "sendsms" address; `timeout_seconds` is for each answer waited for."""

    url: str
    username: str
    password: str = field(repr=False)
    sender: str
    timeout_seconds: float = 10.0

    @property
    def name(self) -> str:
        """As timelines and logs name it."""
        return urlsplit(self.url).netloc.rpartition("@")[2]


class ForGood(Exception):
    """The gateway refused this SMS, and so would any other."""


class NotNow(Exception):
    """This gateway cannot take the SMS now; another may."""


class Deferred(NotNow):
    """It said so about this very SMS."""


class Lost(NotNow):
    """It is not to be spoken with."""


class Unanswered(Exception):
    """The whole SMS was handed over and no answer came: perhaps it was taken."""


class KannelGateways:
    """The port Gateways, for one thread at a time. `report_to` gives the address that reports of a message are sent to."""

    def __init__(
        self,
        gateways: Sequence[Gateway],
        report_to: Callable[[str], str],
        now: Callable[[], datetime],
        *,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """`now` tells how long an SMS is useful still; `clock` counts seconds, for the pauses."""
        self._report_to = report_to
        self._now = now
        self._lines = [_Line(gateway, clock) for gateway in gateways]

    def send(self, sms: Sms) -> Sent | Refused | Postponed:
        reasons: list[str] = []
        answered = False
        for line in self._lines:
            name = line.gateway.name
            try:
                line.send(sms, self._report_to(sms.message_id), _minutes(sms.useful_until - self._now()))
            except ForGood as refused:
                return Refused(relay=name, reason=_speakable(str(refused), sms))
            except Unanswered:
                # Another gateway would make a second SMS of it; perhaps this one has taken it.
                return Postponed(reason=f"{name}: no answer after the end of the message", answered=True)
            except NotNow as failure:
                answered |= isinstance(failure, Deferred)
                reasons.append(f"{name}: {_speakable(str(failure), sms)}")
            else:
                return Sent(relay=name)
        return Postponed(reason="; ".join(reasons) or "no gateway is set", answered=answered)

    def reachable(self) -> bool:
        return any(line.reachable() for line in self._lines)

    def close(self) -> None:
        for line in self._lines:
            line.drop()


class _Line:
    """One gateway: its connection, if there is one, and the growing pause it is given while it fails."""

    def __init__(self, gateway: Gateway, clock: Callable[[], float]) -> None:
        self.gateway = gateway
        self._clock = clock
        self._place = urlsplit(gateway.url)
        self._http: http.client.HTTPConnection | None = None
        self._pause = 0.0
        self._rests_until = 0.0

    def send(self, sms: Sms, report_to: str, validity: int) -> None:
        """Returns when the gateway has taken the SMS. Raises ForGood, NotNow, Unanswered."""
        if self._resting():
            raise NotNow("resting after a failure")
        try:
            self._answered(*self._exchange(sms, self._headers(sms, report_to, validity)))
        except (Lost, Unanswered):
            self._rest()
            raise
        self._pause = 0.0

    def reachable(self) -> bool:
        """Whether somebody listens there, on the connection kept or on a new one."""
        if self._resting():
            return False
        try:
            self._open()
        except Lost:
            self._rest()
            return False
        return True

    def drop(self) -> None:
        """Lets the connection go."""
        if self._http is not None:
            self._http.close()
            self._http = None

    def _exchange(self, sms: Sms, headers: Mapping[str, str]) -> tuple[int, str]:
        line = self._open()
        try:
            line.request("POST", self._place.path, sms.text.encode(), dict(headers))
        except OSError as broken:
            self.drop()
            raise Lost(type(broken).__name__) from None
        try:
            response = line.getresponse()
            words = response.read(REASON_LENGTH).decode(errors="replace")
            response.read()
        except (OSError, http.client.HTTPException):
            self.drop()
            raise Unanswered from None
        return response.status, words

    def _answered(self, status: int, words: str) -> None:
        """Kannel says 202 when it has taken or queued it, 403 or 400 for good, 503 "Temporal failure" for now."""
        if status // 100 == 2:  # noqa: PLR2004  # HTTP's "done"
            return
        told = f"{status} {words}"
        if status in OUR_FAULT or words.startswith(UNAUTHORISED):
            log.error("gateway-misconfigured", gateway=self.gateway.name, status=status)
            raise Lost(told)
        if status == TOO_MANY or status // 100 != 4:  # noqa: PLR2004  # HTTP's "your fault"
            raise Deferred(told)
        raise ForGood(told)

    def _headers(self, sms: Sms, report_to: str, validity: int) -> dict[str, str]:
        gateway = self.gateway
        return {
            "Content-Type": "text/plain; charset=UTF-8",
            "X-Kannel-Username": gateway.username,
            "X-Kannel-Password": gateway.password,
            "X-Kannel-From": gateway.sender,
            "X-Kannel-To": sms.recipient,
            "X-Kannel-Coding": SEPTETS,
            "X-Kannel-Validity": str(validity),
            "X-Kannel-DLR-Mask": str(MASK),
            "X-Kannel-DLR-Url": report_to,
        }

    def _open(self) -> http.client.HTTPConnection:
        """The kept connection, or a new one. Raises Lost.

        A server closes idle connections: that is seen before the SMS goes out on one, since afterwards nobody could
        tell whether it was taken.
        """
        if self._http is not None and self._http.sock is not None and not _closed(self._http):
            return self._http
        self.drop()
        self._http = self._dialled()
        return self._http

    def _dialled(self) -> http.client.HTTPConnection:
        secure = self._place.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        line = kind(self._place.hostname or "", self._place.port, timeout=self.gateway.timeout_seconds)
        try:
            line.connect()
        except OSError as broken:
            line.close()
            raise Lost(type(broken).__name__) from None
        return line

    def _resting(self) -> bool:
        return bool(self._pause) and self._clock() < self._rests_until

    def _rest(self) -> None:
        self._pause = min(max(self._pause * 2, FIRST_PAUSE_SECONDS), LONGEST_PAUSE_SECONDS)
        self._rests_until = self._clock() + self._pause


def _minutes(left: timedelta) -> int:
    """How long the operator may try, in Kannel's whole minutes: one at least, or it would take its own time."""
    return max(1, left // MINUTE)


def _closed(line: http.client.HTTPConnection) -> bool:
    """Nobody has asked anything: whatever is to be read is the end of the connection."""
    return bool(select.select([line.sock], [], [], 0)[0])


def _speakable(words: str, sms: Sms) -> str:
    """An answer without the number or the words of the SMS, should it repeat them."""
    said = words.replace(sms.text, "…").replace(sms.recipient, "…").replace(sms.recipient.lstrip("+"), "…")
    return " ".join(said.split())[:REASON_LENGTH]
