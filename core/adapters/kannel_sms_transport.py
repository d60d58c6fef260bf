"""Sends text messages through Kannel. Keeps the password and the text out of URLs, because Kannel logs URLs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

from core.adapters.http_client import HttpRequest
from core.adapters.http_sms_provider import HttpSmsProvider
from core.ports import Sms, SmsDeliveryStatus

DELIVERIES: Mapping[int, SmsDeliveryStatus] = {
    1: SmsDeliveryStatus.DELIVERED,
    2: SmsDeliveryStatus.UNDELIVERED,
    4: SmsDeliveryStatus.BUFFERED,
    8: SmsDeliveryStatus.ACCEPTED,
    16: SmsDeliveryStatus.REJECTED,
}
"""Delivery status for each bit of Kannel's status number."""
LONGEST_REPORT = 3
MASK = sum(DELIVERIES)
SEPTETS = "0"
"""Kannel's value for the 7-bit GSM alphabet."""
MINUTE = timedelta(minutes=1)
ACCEPTED = 202
ACCEPTANCES = ("0: Accepted for delivery", "3: Queued for later delivery")
REFUSALS_OF_THE_NUMBER = ("Not routable. Do not try again.", "Number(s) has/have been denied")
"""Kannel's answers that refuse a phone number."""
UNAUTHORISED = "Authorization failed"


def delivery_status_of_report(report: str) -> SmsDeliveryStatus | None:
    """Convert Kannel's status number to a delivery status. Returns None for an unknown number."""
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


class KannelProvider(HttpSmsProvider[KannelGateway]):
    def _deliver(self, message: Sms, until: float) -> None:
        headers = self._headers(message)
        request = HttpRequest(method="POST", url=self._gateway.url, headers=headers, body=message.text.encode())
        answer = self._send_sms(request, until)
        # The HTTP status alone is not enough, because the answer may come from another web server.
        if answer.status != ACCEPTED or not answer.text.startswith(ACCEPTANCES):
            self._refuse(answer, permanent=answer.text.startswith(REFUSALS_OF_THE_NUMBER))

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
