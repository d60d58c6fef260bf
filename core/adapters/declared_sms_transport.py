"""Sends text messages through the SMS providers that the operator describes in election.toml."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from time import monotonic
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from core.adapters.declared_requests import SECRET, DeclaredRequest, found, read_json
from core.adapters.http_client import HttpAnswer
from core.adapters.http_sms_provider import HttpSmsProvider, hide_secret, log
from core.adapters.provider_failover import (
    ProviderConnectionLost,
    SendOutcomeUnknown,
)
from core.ports import Sms
from core.text.text import Language

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
UNAUTHORISED, SUCCESSES = 401, range(200, 300)
SHORTEST_VALIDITY = MINUTE
TOKEN_MARGIN_SECONDS, TOKEN_SECONDS, LONGEST_TOKEN_SECONDS = 60.0, 300.0, 86_400.0
"""Renewal margin, default lifetime and longest lifetime of an access token, in seconds."""
MESSAGE_PLACEHOLDERS = frozenset(
    {"number", "digits", "sender", "text", "message_id", "message_uuid", "valid_seconds", "valid_minutes", SECRET}
)
CALL_PLACEHOLDERS = MESSAGE_PLACEHOLDERS - {"text"} | {"caller", "spoken", "language"}
VOICES = {Language.FRENCH: "fr-FR", Language.ENGLISH: "en-GB"}
REPORT_URL = "report_url"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredGateway:
    name: str
    sender: str
    request: DeclaredRequest
    call: DeclaredRequest | None = None
    caller: str = ""
    """The phone number that calls are made from."""
    secret: str = field(default="", repr=False)
    values: Mapping[str, Any] = field(default_factory=dict)
    timeout_seconds: float = 10.0


def message_values(
    gateway: DeclaredGateway, request: DeclaredRequest, sms: Sms, report_url: str, now: datetime
) -> dict[str, Any]:
    """Return the value of each placeholder for an SMS."""
    left = max(SHORTEST_VALIDITY, sms.useful_until - now)
    language = sms.call_language
    spoken = {} if language is None else {"spoken": sms.text, "language": VOICES[language], "caller": gateway.caller}
    if request.valid_at_most is not None:
        left = min(left, request.valid_at_most * SECOND)
    return {
        **gateway.values,
        "number": sms.recipient,
        "digits": sms.recipient.lstrip("+"),
        "sender": gateway.sender,
        "text": sms.text,
        **spoken,
        "message_id": sms.message_id,
        "message_uuid": str(uuid5(NAMESPACE_URL, sms.message_id)),
        "valid_seconds": left // SECOND,
        "valid_minutes": left // MINUTE,
        REPORT_URL: report_url,
        SECRET: gateway.secret,
    }


class DeclaredProvider(HttpSmsProvider[DeclaredGateway]):
    def __init__(
        self,
        gateway: DeclaredGateway,
        report_to: Callable[[str], str],
        now: Callable[[], datetime],
        clock: Callable[[], float] = monotonic,
    ) -> None:
        super().__init__(gateway, report_to, now, clock)
        self._token_lock = Lock()
        self._token: tuple[str, float] | None = None

    def takes(self, message: Sms) -> bool:
        return message.call_language is None or self._gateway.call is not None

    def redact(self, words: str, message: Sms) -> str:
        return super().redact(hide_secret(words, self._gateway.secret), message)

    def _deliver(self, message: Sms, until: float) -> None:
        call = None if message.call_language is None else self._gateway.call
        request = call or self._gateway.request
        values = message_values(self._gateway, request, message, self._report_to(message.message_id), self._now())
        token = self._access_token(request, values, until)
        answer = self._send_sms(request.build(values, token), until)
        if answer.status == UNAUTHORISED and token is not None:  # the provider ended the token early
            self._token = None
            answer = self._send_sms(request.build(values, self._access_token(request, values, until)), until)
        self._require_taken(request, answer, message)

    def _require_taken(self, request: DeclaredRequest, answer: HttpAnswer, message: Sms) -> None:
        """Raise an exception unless the provider has accepted the SMS."""
        content = request.content_of(answer)
        if content is None:
            self._refuse(answer)
        if not request.accepted.holds(answer.status, content):
            permanent = request.permanent is not None and request.permanent.holds(answer.status, content)
            self._refuse(answer, permanent=permanent, by_gateway=answer.status in SUCCESSES)
        if request.accepted.id is not None:
            taken_as = self.redact(str(found(request.accepted.id, content)), message)
            log.info("gateway-accepted", extra={"gateway": self.name, "id": taken_as})

    def _access_token(self, request: DeclaredRequest, values: Mapping[str, Any], until: float) -> str | None:
        if request.token_url is None:
            return None
        with self._token_lock:
            if self._token is None or self._token[1] <= self._clock():
                self._token = self._new_token(request, values, until)
            return self._token[0]

    def _new_token(self, request: DeclaredRequest, values: Mapping[str, Any], until: float) -> tuple[str, float]:
        try:
            answer = self._exchange(request.token_request(values), until)
        except SendOutcomeUnknown:
            raise ProviderConnectionLost("no answer to the request for a token") from None
        content = read_json(answer.body)
        token = content.get("access_token") if isinstance(content, dict) else None
        if answer.status not in SUCCESSES or not isinstance(content, dict) or not isinstance(token, str):
            log.error("gateway-misconfigured", extra={"gateway": self.name, "status": answer.status})
            raise ProviderConnectionLost(f"no token: {answer.status} {answer.text}")
        seconds = content.get("expires_in")
        lasts = min(seconds, LONGEST_TOKEN_SECONDS) if isinstance(seconds, int | float) else TOKEN_SECONDS
        return token, self._clock() + max(0.0, lasts - TOKEN_MARGIN_SECONDS)
