"""Reads the delivery reports of SMS gateways, and checks their signatures."""

import hmac
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha1, sha256
from time import time
from typing import TYPE_CHECKING

from core.adapters.declared_requests import JSON_TYPE, is_true, read_json
from core.adapters.kannel_sms_transport import delivery_status_of_report
from core.ports import SmsDeliveryStatus

if TYPE_CHECKING:
    from jwt.types import Options

BEARER = "Bearer "
CLOCK_DIFFERENCE_SECONDS = 300
"""Maximum difference between a provider's clock and our clock, in seconds."""
LONGEST_AGE_SECONDS = 24 * 3600 + CLOCK_DIFFERENCE_SECONDS
"""Maximum age of a report's signature, in seconds. It exceeds a day, because Vonage repeats reports for a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedReport:
    """An HTTP request that contains an SMS delivery report. `url` is the full URL."""

    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    query: Mapping[str, str] = field(repr=False)
    form: Mapping[str, list[str]] = field(repr=False)

    @property
    def content(self) -> object:
        """The report's JSON document, or its form and URL fields. None if the report is empty or malformed."""
        if JSON_TYPE in self.headers.get("Content-Type", "").lower():
            return read_json(self.body)
        return {**self.query, **{name: values[0] for name, values in self.form.items()}} or None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportReading:
    """Settings for reading a provider's delivery reports. Without `secret`, signatures are not checked."""

    id: str | None = None
    delivered: str
    failed: str
    busy: str | None = None
    no_answer: str | None = None
    signature: str | None = None
    secret: bytes = field(default=b"", repr=False)

    def is_signed(self, report: ReceivedReport) -> bool:
        if not self.secret:
            return True
        match self.signature:
            case "twilio":
                return _is_signed_by_twilio(report, self.secret)
            case "vonage":
                return _is_signed_by_vonage(report, self.secret)
            case _:
                return True

    def status(self, report: ReceivedReport) -> SmsDeliveryStatus | None:
        """Return the delivery status, or None if the report cannot be read."""
        content = report.content
        if content is None or (self.id is not None and not is_true(self.id, content)):
            return None
        meanings = {
            SmsDeliveryStatus.DELIVERED: self.delivered,
            SmsDeliveryStatus.BUSY: self.busy,
            SmsDeliveryStatus.NO_ANSWER: self.no_answer,
            SmsDeliveryStatus.UNDELIVERED: self.failed,
        }
        found = (status for status, means in meanings.items() if means is not None and is_true(means, content))
        return next(found, SmsDeliveryStatus.ACCEPTED)


class KannelReading:
    """Reads delivery reports from Kannel."""

    def is_signed(self, report: ReceivedReport) -> bool:  # noqa: ARG002  # Kannel signs nothing
        return True

    def status(self, report: ReceivedReport) -> SmsDeliveryStatus | None:
        content = report.content
        return delivery_status_of_report(str(content.get("status", ""))) if isinstance(content, dict) else None


def _is_signed_by_twilio(report: ReceivedReport, secret: bytes) -> bool:
    """Check X-Twilio-Signature, an HMAC of the URL and the sorted form fields."""
    fields = "".join(f"{name}{value}" for name in sorted(report.form) for value in sorted(set(report.form[name])))
    expected = b64encode(hmac.digest(secret, (report.url + fields).encode(), sha1))
    return hmac.compare_digest(expected, report.headers.get("X-Twilio-Signature", "").encode())


def _is_signed_by_vonage(report: ReceivedReport, secret: bytes) -> bool:
    """Check the JSON Web Token (HS256) that contains the digest of the body."""
    import jwt  # noqa: PLC0415  # only sites with this provider need it

    token = report.headers.get("Authorization", "").removeprefix(BEARER)
    options: Options = {"require": ["iat"], "verify_aud": False}
    try:
        claims = jwt.decode(token, secret, algorithms=["HS256"], options=options, leeway=CLOCK_DIFFERENCE_SECONDS)
    except jwt.InvalidTokenError:
        return False
    is_recent = time() - int(claims["iat"]) <= LONGEST_AGE_SECONDS
    digest = sha256(report.body).hexdigest()
    return is_recent and hmac.compare_digest(str(claims.get("payload_hash", "")).encode(), digest.encode())
