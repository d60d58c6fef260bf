"""Sends text messages through Kannel gateways.

The values of a request are in its headers and body. If they were in the URL, the gateway would log the password and the
text (Kannel User's Guide).
"""

import http.client
import logging
import select
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from urllib.parse import urlsplit

from core.adapters.http_connections import http_connection
from core.adapters.provider_failover import (
    TOO_SLOW,
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
"""Meaning of the bits in the number of a Kannel delivery report. Other bits may be set too."""
LONGEST_REPORT = 3
MASK = sum(DELIVERIES)
SEPTETS = "0"
"""Tells Kannel to convert the text from UTF-8 to the 7-bit GSM alphabet."""
MINUTE = timedelta(minutes=1)
ACCEPTED = 202
ACCEPTANCES = ("0: Accepted for delivery", "3: Queued for later delivery")
REFUSALS_OF_THE_NUMBER = ("Not routable. Do not try again.", "Number(s) has/have been denied")
"""Kannel's answers when it refuses a phone number. All other refusals concern the gateway."""
OUR_FAULT = frozenset({401, 403, 404, 405})
"""HTTP status codes for wrong credentials or a wrong address, which the operator must correct."""
UNAUTHORISED = "Authorization failed"

log = logging.getLogger("retrouve")


def delivery_status_of_report(report: str) -> SmsDeliveryStatus | None:
    """Return the meaning of the number in a delivery report, or None if Kannel does not use this number."""
    if not (report.isascii() and report.isdigit() and len(report) <= LONGEST_REPORT):
        return None
    return next((delivery for bit, delivery in DELIVERIES.items() if int(report) & bit), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class KannelGateway:
    url: str
    username: str
    password: str = field(repr=False)
    sender: str
    timeout_seconds: float = 10.0

    @property
    def name(self) -> str:
        return urlsplit(self.url).netloc.rpartition("@")[2]


class KannelProvider(Provider[Sms, http.client.HTTPConnection]):
    def __init__(
        self,
        gateway: KannelGateway,
        report_to: Callable[[str], str],
        now: Callable[[], datetime],
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """`report_to` returns the URL to which Kannel sends the delivery report for a message id."""
        super().__init__(gateway.name, clock)
        self._gateway = gateway
        self._report_to = report_to
        self._now = now
        self._url = urlsplit(gateway.url)

    def redact(self, words: str, message: Sms) -> str:
        for private in (message.text, message.recipient, message.recipient.lstrip("+")):
            words = words.replace(private, "…")
        return " ".join(words.split())[:REASON_LENGTH]

    def _deliver(self, message: Sms, until: float) -> None:
        connection = self._open()
        if self._clock() >= until:
            raise ProviderConnectionLost(TOO_SLOW)
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
        """Raise an exception unless Kannel answers that it has accepted or queued the SMS.

        A success status is not enough, because another web server may answer at the gateway's address.
        """
        if status == ACCEPTED and words.startswith(ACCEPTANCES):
            return
        answer = f"{status} {words}"
        if words.startswith(REFUSALS_OF_THE_NUMBER):
            raise PermanentProviderRefusal(answer)
        if status // 100 == 2 or status in OUR_FAULT:  # noqa: PLR2004  # success
            log.error("gateway-misconfigured", extra={"gateway": self.name, "status": status})
            raise ProviderConnectionLost(answer)
        raise MessagePostponedByProvider(answer)

    def _headers(self, sms: Sms) -> dict[str, str]:
        return {
            "Content-Type": "text/plain; charset=UTF-8",
            "X-Kannel-Username": self._gateway.username,
            "X-Kannel-Password": self._gateway.password,
            "X-Kannel-From": self._gateway.sender,
            "X-Kannel-To": sms.recipient,
            "X-Kannel-Coding": SEPTETS,
            # How many minutes the operator may try to deliver it. With less than one, Kannel would apply its own limit.
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
        # This is checked before sending, because an error during sending leaves it unclear whether the gateway has
        # accepted the SMS. A connection that the gateway has closed becomes readable.
        return connection.sock is not None and not select.select([connection.sock], [], [], 0)[0]

    def _disconnect(self, connection: http.client.HTTPConnection) -> None:
        connection.close()
