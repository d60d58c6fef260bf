"""Sends SMS to Kannel gateways.

The text goes in the body and everything else in X-Kannel headers (Kannel User's Guide, "Using the HTTP interface to send
SMS messages"): parameters in the address would put the password and the text into the gateway's logs.
"""

import http.client
import select
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from urllib.parse import urlsplit

import structlog

from core.adapters.http_connections import http_connection
from core.adapters.provider_failover import (
    MessagePostponedByProvider,
    PermanentProviderRefusal,
    Provider,
    ProviderConnectionLost,
    SendOutcomeUnknown,
)
from core.ports import Sms, SmsDeliveryStatus

REASON_LENGTH = 120
DELIVERIES: Mapping[int, SmsDeliveryStatus] = {
    1: SmsDeliveryStatus.DELIVERED,
    2: SmsDeliveryStatus.UNDELIVERED,
    4: SmsDeliveryStatus.BUFFERED,
    8: SmsDeliveryStatus.ACCEPTED,
    16: SmsDeliveryStatus.REJECTED,
}
"""The meaning of Kannel's report numbers (User's Guide, "Delivery Reports"). They are bits, and it may set others beside them."""
LONGEST_REPORT = 3
"""Most digits of a report number."""
MASK = sum(DELIVERIES)
"""Mask that asks for every kind of report."""
SEPTETS = "0"
"""The coding "7 bits": the gateway turns UTF-8 into the GSM alphabet, and the text has been held to it."""
MINUTE = timedelta(minutes=1)
TOO_MANY = 429
OUR_FAULT = frozenset({401, 404, 405})
"""Credentials or an address that its operator must mend: another gateway may take the SMS meanwhile."""
UNAUTHORISED = "Authorization failed"
"""Kannel's text for a wrong password; the status 403 is also that of a number without a route."""

log = structlog.get_logger()


def delivery_status_of_report(report: str) -> SmsDeliveryStatus | None:
    """Return the meaning of a report's number, or None if it is none of Kannel's."""
    if not (report.isascii() and report.isdigit() and len(report) <= LONGEST_REPORT):
        return None
    return next((delivery for bit, delivery in DELIVERIES.items() if int(report) & bit), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class KannelGateway:
    """An smsbox of Kannel. `url` is its "sendsms" address; `timeout_seconds` is for each answer waited for."""

    url: str
    username: str
    password: str = field(repr=False)
    sender: str
    timeout_seconds: float = 10.0

    @property
    def name(self) -> str:
        """The name shown in timelines and logs."""
        return urlsplit(self.url).netloc.rpartition("@")[2]


class KannelProvider(Provider[Sms, http.client.HTTPConnection]):
    """One gateway and its connections."""

    def __init__(
        self,
        gateway: KannelGateway,
        report_to: Callable[[str], str],
        now: Callable[[], datetime],
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """`report_to` gives the address for reports about a message; `now` the time; `clock` counts seconds."""
        super().__init__(gateway.name, clock)
        self._gateway = gateway
        self._report_to = report_to
        self._now = now
        self._url = urlsplit(gateway.url)

    def redact(self, words: str, message: Sms) -> str:
        """Remove the number and the words of the SMS."""
        for private in (message.text, message.recipient, message.recipient.lstrip("+")):
            words = words.replace(private, "…")
        return " ".join(words.split())[:REASON_LENGTH]

    def _deliver(self, message: Sms) -> None:
        connection = self._open()
        try:
            connection.request("POST", self._url.path, message.text.encode(), self._headers(message))
        except OSError as broken:
            raise ProviderConnectionLost(type(broken).__name__) from None
        try:
            response = connection.getresponse()
            words = response.read(REASON_LENGTH).decode(errors="replace")
            response.read()
        except (OSError, http.client.HTTPException):
            raise SendOutcomeUnknown from None
        self._require_taken(response.status, words)

    def _require_taken(self, status: int, words: str) -> None:
        """Kannel says 202 when it has taken or queued it, 403 or 400 for good, 503 "Temporal failure" for now."""
        if status // 100 == 2:  # noqa: PLR2004  # HTTP's "done"
            return
        answer = f"{status} {words}"
        if status in OUR_FAULT or words.startswith(UNAUTHORISED):
            log.error("gateway-misconfigured", gateway=self.name, status=status)
            raise ProviderConnectionLost(answer)
        if status == TOO_MANY or status // 100 != 4:  # noqa: PLR2004  # HTTP's "your fault"
            raise MessagePostponedByProvider(answer)
        raise PermanentProviderRefusal(answer)

    def _headers(self, sms: Sms) -> dict[str, str]:
        return {
            "Content-Type": "text/plain; charset=UTF-8",
            "X-Kannel-Username": self._gateway.username,
            "X-Kannel-Password": self._gateway.password,
            "X-Kannel-From": self._gateway.sender,
            "X-Kannel-To": sms.recipient,
            "X-Kannel-Coding": SEPTETS,
            # How long the operator may try, in whole minutes: at least one, or Kannel would apply its own limit.
            "X-Kannel-Validity": str(max(1, (sms.useful_until - self._now()) // MINUTE)),
            "X-Kannel-DLR-Mask": str(MASK),
            "X-Kannel-DLR-Url": self._report_to(sms.message_id),
        }

    def _connect(self) -> http.client.HTTPConnection:
        connection = http_connection(self._url, self._gateway.timeout_seconds)
        try:
            connection.connect()
        except OSError as broken:
            connection.close()
            raise ProviderConnectionLost(type(broken).__name__) from None
        return connection

    def _is_alive(self, connection: http.client.HTTPConnection) -> bool:
        """Check a kept connection before the SMS goes out on it: afterwards nobody could tell whether the SMS was taken.

        A server closes idle connections, which then have something to read: nothing else can be waiting there.
        """
        return connection.sock is not None and not select.select([connection.sock], [], [], 0)[0]

    def _disconnect(self, connection: http.client.HTTPConnection) -> None:
        connection.close()
