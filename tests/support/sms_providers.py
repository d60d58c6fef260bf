"""SMS providers on loopback that answer and report as their public documentation says.

Twilio: Messages resource, status callbacks, webhook security. Vonage: Messages API v1, signed webhooks, SMS API. Brevo: API v3.
smsmode: SMS API v1. OVHcloud: API 1.0 with OAuth2.
"""

import hmac
import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha1, sha256
from time import time
from urllib.parse import parse_qs, urlencode

from core.adapters.sms_reports import ReceivedReport
from core.app.settings import DeclaredGatewaySection
from core.ports import Sms, SmsDeliveryStatus
from tests.support.election import NOON
from tests.support.http_provider import Heard, Says

SECRET = "0123456789abcdef0123456789abcdef"
VOTER = "+33612345678"
BARRED = "+33600000000"
SMS = Sms(
    recipient=VOTER, text="Code : 012345", message_id="code.7F3K-92QD.12", useful_until=NOON + timedelta(minutes=10)
)
REPORT_URL = "https://vote.exemple.fr/sms/provider/main/code.7F3K-92QD.12/tag"
ACCOUNT = "AC0123456789abcdef0123456789abcdef"


@dataclass(frozen=True)
class Report:
    """A delivery report as a provider sends it."""

    body: bytes
    headers: Mapping[str, str]
    says: SmsDeliveryStatus

    def received(self, url: str = REPORT_URL) -> ReceivedReport:
        is_form = "form" in self.headers["Content-Type"]
        form = parse_qs(self.body.decode(), keep_blank_values=True) if is_form else {}
        return ReceivedReport(url=url, headers=self.headers, body=self.body, query={}, form=form)


@dataclass(frozen=True)
class Documented:
    """A provider as its documentation describes it."""

    preset: str
    path: str
    values: Mapping[str, str]
    answer: Callable[[Heard], Says]
    reports: Callable[[str], list[Report]]
    """Return reports to a URL: on its way, delivered, and two that failed."""
    report: Mapping[str, str] = field(default_factory=dict)

    def section(self, url: str, **changes: object) -> DeclaredGatewaySection:
        settings = {
            "name": "main", "preset": self.preset, "secret": SECRET, "sender": "Elections",
            "values": self.values, "request": {"url": url + self.path}, "report": self.report, **changes,
        }  # fmt: skip
        return DeclaredGatewaySection.model_validate(settings)


def says(status: int, content: object) -> Says:
    return Says(status, json.dumps(content))


# ── Twilio ───────────────────────────────────────────────────────────────────────────────────────────────


def twilio(heard: Heard) -> Says:
    expected = b64encode(f"{ACCOUNT}:{SECRET}".encode()).decode()
    if heard.headers.get("authorization") != f"Basic {expected}":
        return says(401, {"code": 20003, "message": "Authenticate", "status": 401})
    fields = {name: values[0] for name, values in parse_qs(heard.body.decode(), strict_parsing=True).items()}
    known = {"To", "From", "Body", "StatusCallback", "ValidityPeriod"}
    if heard.path != f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json" or set(fields) != known:
        return says(404, {"code": 20404, "message": "The requested resource was not found", "status": 404})
    if not 1 <= int(fields["ValidityPeriod"]) <= 36_000:
        return says(400, {"code": 21715, "message": "Invalid ValidityPeriod", "status": 400})
    if fields["To"] == BARRED:
        return says(400, {"code": 21610, "message": "Attempt to send to unsubscribed recipient", "status": 400})
    sent = {
        "sid": "SM" + "0" * 32,
        "status": "queued",
        "to": fields["To"],
        "from": fields["From"],
        "body": fields["Body"],
    }
    return says(201, {**sent, "account_sid": ACCOUNT, "error_code": None, "error_message": None})


def twilio_reports(url: str) -> list[Report]:
    made = []
    for status, meaning in (
        ("sent", SmsDeliveryStatus.ACCEPTED),
        ("delivered", SmsDeliveryStatus.DELIVERED),
        ("undelivered", SmsDeliveryStatus.UNDELIVERED),
        ("failed", SmsDeliveryStatus.UNDELIVERED),
    ):
        fields = {
            "MessageSid": "SM" + "0" * 32,
            "MessageStatus": status,
            "To": VOTER,
            "AccountSid": ACCOUNT,
            "RawDlrDoneDate": "",
        }
        signed = url + "".join(f"{name}{fields[name]}" for name in sorted(fields))
        signature = b64encode(hmac.digest(SECRET.encode(), signed.encode(), sha1)).decode()
        headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": signature}
        made.append(Report(urlencode(fields).encode(), headers, meaning))
    return made


# ── Vonage ───────────────────────────────────────────────────────────────────────────────────────────────


def vonage(heard: Heard) -> Says:
    expected = b64encode(f"abcd1234:{SECRET}".encode()).decode()
    if heard.headers.get("authorization") != f"Basic {expected}":
        return says(401, {"type": "https://developer.vonage.com/api-errors#unauthorized", "title": "Unauthorized"})
    sent = json.loads(heard.body)
    required = {"message_type": "text", "channel": "sms", "webhook_version": "v1"}
    if {**sent, **required} != sent or len(sent["client_ref"]) > 100 or not 20 <= sent["ttl"] <= 604_800:
        return says(
            422, {"title": "Invalid params", "invalid_parameters": [{"name": "message_type", "reason": "invalid"}]}
        )
    if "+" in sent["to"] or f"+{sent['to']}" == BARRED:
        return says(422, {"title": "Invalid params", "invalid_parameters": [{"name": "to", "reason": "invalid value"}]})
    return says(202, {"message_uuid": "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab"})


def vonage_reports(_url: str) -> list[Report]:
    statuses = {
        "submitted": SmsDeliveryStatus.ACCEPTED,
        "delivered": SmsDeliveryStatus.DELIVERED,
        "rejected": SmsDeliveryStatus.UNDELIVERED,
        "undeliverable": SmsDeliveryStatus.UNDELIVERED,
    }
    return [vonage_report(status, meaning, {"iat": int(time())}) for status, meaning in statuses.items()]


def vonage_report(status: str, meaning: SmsDeliveryStatus, times: Mapping[str, object]) -> Report:
    body = json.dumps({"message_uuid": "aaaaaaaa", "to": VOTER[1:], "channel": "sms", "status": status}).encode()
    claims = {**times, "jti": "x", "iss": "Vonage", "payload_hash": sha256(body).hexdigest()}
    signed = f"{segment({'alg': 'HS256', 'typ': 'JWT'})}.{segment(claims)}"
    proof = urlsafe_b64encode(hmac.digest(SECRET.encode(), signed.encode(), sha256)).decode().rstrip("=")
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {signed}.{proof}"}
    return Report(body, headers, meaning)


def segment(content: object) -> str:
    return urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


# ── Brevo ────────────────────────────────────────────────────────────────────────────────────────────────


def brevo(heard: Heard) -> Says:
    if heard.headers.get("api-key") != SECRET:
        return says(401, {"code": "unauthorized", "message": "Key not found"})
    sent = json.loads(heard.body)
    if set(sent) != {"type", "sender", "recipient", "content", "tag", "webUrl"} or sent["type"] != "transactional":
        return says(400, {"code": "missing_parameter", "message": "a parameter is missing"})
    if f"+{sent['recipient']}" == BARRED:
        return says(400, {"code": "invalid_parameter", "message": "Invalid recipient"})
    return says(
        201, {"reference": "ab1cde2fgh3i4jklmno", "messageId": 1511882900176220, "smsCount": 1, "usedCredits": 0.7}
    )


def brevo_reports(_url: str) -> list[Report]:
    made = []
    for status, meaning in (
        ("sent", SmsDeliveryStatus.ACCEPTED),
        ("delivered", SmsDeliveryStatus.DELIVERED),
        ("soft_bounce", SmsDeliveryStatus.UNDELIVERED),
        ("hard_bounce", SmsDeliveryStatus.UNDELIVERED),
    ):
        content = {
            "id": 26570,
            "to": VOTER[1:],
            "messageId": 123,
            "msg_status": status,
            "type": "transactional",
            "reference": {"1": "ab1"},
        }
        made.append(Report(json.dumps(content).encode(), {"Content-Type": "application/json"}, meaning))
    return made


PROVIDERS = [
    Documented(
        "twilio",
        f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json",
        {"account": ACCOUNT},
        twilio,
        twilio_reports,
    ),
    Documented("vonage", "/v1/messages", {"api_key": "abcd1234"}, vonage, vonage_reports, {"secret": SECRET}),
    Documented("brevo", "/v3/transactionalSMS/send", {}, brevo, brevo_reports),
]


# ── Providers without a preset ───────────────────────────────────────────────────────────────────────────


def smsmode(heard: Heard) -> Says:
    if heard.headers.get("x-api-key") != SECRET:
        return says(403, {"status": 403, "error": "Forbidden"})
    sent = json.loads(heard.body)
    if f"+{sent['recipient']['to']}" == BARRED:
        return says(400, {"status": 400, "message": "recipient.to is not valid"})
    return says(201, {"messageId": "m-1", "recipient": sent["recipient"], "status": {"value": "ENROUTE"}})


def ovh(heard: Heard) -> Says:
    if heard.path == "/auth/oauth2/token":
        fields = parse_qs(heard.body.decode())
        known = fields["client_id"] == ["EU.0123456789abcdef"] and fields["client_secret"] == [SECRET]
        return says(200, {"access_token": "t", "expires_in": 3599}) if known else says(401, {"error": "invalid_client"})
    if heard.headers.get("authorization") != "Bearer t" or heard.path != "/1.0/sms/sms-ab12345-1/jobs":
        return says(403, {"class": "Client::Forbidden", "message": "This credential is not valid"})
    sent = json.loads(heard.body)
    barred = [number for number in sent["receivers"] if number == BARRED]
    assert isinstance(sent["validityPeriod"], int)
    taken = [number for number in sent["receivers"] if number != BARRED]
    return says(200, {"ids": [1] * len(taken), "validReceivers": taken, "invalidReceivers": barred})


def old_vonage(heard: Heard) -> Says:
    """Vonage's SMS API, which answers 200 whatever happens."""
    fields = {name: values[0] for name, values in parse_qs(heard.body.decode()).items()}
    if fields["api_secret"] != SECRET:
        status, words = "4", "Invalid Credentials"
    else:
        status, words = ("7", "Number barred") if f"+{fields['to']}" == BARRED else ("0", "")
    return says(200, {"message-count": "1", "messages": [{"status": status, "error-text": words, "message-id": "0A"}]})
