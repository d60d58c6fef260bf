"""The base class for SMS gateways that have an HTTP interface."""

import json
import logging
import re
from base64 import b64encode
from collections.abc import Callable
from datetime import datetime
from email.utils import parsedate_to_datetime
from html import escape
from time import monotonic, time
from typing import Generic, NoReturn, Protocol, TypeVar
from urllib.parse import quote, quote_plus

from core.adapters.http_client import HttpAnswer, HttpClient, HttpNotAnswered, HttpNotSent, HttpRequest
from core.adapters.provider_failover import (
    TOO_SLOW,
    MessagePostponedByProvider,
    PermanentProviderRefusal,
    Provider,
    ProviderBusy,
    ProviderConnectionLost,
    SendOutcomeUnknown,
)
from core.ports import Sms

REASON_LENGTH = 120
HIDDEN = "…"
SHORTEST_SECRET = 4
"""Minimum length of the words of an SMS that are hidden in a gateway's answers."""
NATIONAL_DIGITS = 9
DIGITS_APART = re.compile(r"\d(?:\W+\d\b){2,}")
"""Pattern of a security code with spaces between its digits."""
SUCCESS, REDIRECTION = 2, 3
OUR_FAULT = frozenset({401, 402, 403, 404, 405})
"""HTTP status codes of errors that the operator must fix."""
BUSY = frozenset({429, 503})

log = logging.getLogger("retrouve")


def hide_secret(words: str, secret: str) -> str:
    """Replace a secret in a text with "…", even if the secret is encoded."""
    if not secret:
        return words
    in_json = {json.dumps(secret, ensure_ascii=only_ascii)[1:-1] for only_ascii in (True, False)}
    in_url = {quote(secret), quote(secret, safe=""), quote_plus(secret)}
    in_xml = {escape(secret, quote=quotes) for quotes in (True, False)}
    encoded = {secret, *in_json, *in_url, *in_xml, b64encode(secret.encode()).decode()}
    return re.sub("|".join(map(re.escape, sorted(encoded, key=len, reverse=True))), HIDDEN, words)


class HttpGateway(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def timeout_seconds(self) -> float: ...


G = TypeVar("G", bound=HttpGateway)


class HttpSmsProvider(Provider[Sms, HttpClient], Generic[G]):
    """An SMS gateway with an HTTP interface."""

    def __init__(
        self,
        gateway: G,
        report_to: Callable[[str], str],
        now: Callable[[], datetime],
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """`report_to` takes the id of an SMS, and returns the URL for its delivery reports."""
        super().__init__(gateway.name, clock)
        self._gateway = gateway
        self._report_to = report_to
        self._now = now
        self.watch: Callable[[HttpRequest | HttpAnswer], object] = lambda _: None
        """Callback that receives each SMS request and its answer."""

    def takes(self, message: Sms) -> bool:
        return message.call_language is None

    def redact(self, words: str, message: Sms) -> str:
        if message.call_language is not None:
            words = DIGITS_APART.sub(HIDDEN, words)
        # An answer may quote the text with other characters around its words, as JSON does.
        quoted = sorted((word for word in message.text.split() if len(word) >= SHORTEST_SECRET), key=len, reverse=True)
        for private in (message.text, *quoted, message.recipient, message.recipient[-NATIONAL_DIGITS:]):
            words = words.replace(private, HIDDEN)
        return " ".join(words.split())[:REASON_LENGTH]

    def _send_sms(self, request: HttpRequest, until: float) -> HttpAnswer:
        self.watch(request)
        answer = self._exchange(request, until)
        self.watch(answer)
        return answer

    def _exchange(self, request: HttpRequest, until: float) -> HttpAnswer:
        client = self._open()
        left = until - self._clock()
        if left <= 0:
            raise ProviderConnectionLost(TOO_SLOW)
        try:
            return client.send(request, most_seconds=left)
        except HttpNotSent as failure:
            raise ProviderConnectionLost(str(failure)) from None
        except HttpNotAnswered:
            raise SendOutcomeUnknown from None

    def _refuse(self, answer: HttpAnswer, *, permanent: bool = False, by_gateway: bool = False) -> NoReturn:
        """Raise an exception for a refused SMS. `by_gateway` is True if the gateway itself refused the SMS."""
        words = f"{answer.status} {answer.text}"
        if permanent:
            raise PermanentProviderRefusal(words)
        if by_gateway:
            raise MessagePostponedByProvider(words)
        if answer.status in BUSY and (seconds := _seconds_to_wait(answer)) is not None:
            raise ProviderBusy(words, seconds)
        if answer.status // 100 in {SUCCESS, REDIRECTION} or answer.status in OUR_FAULT:
            log.error("gateway-misconfigured", extra={"gateway": self.name, "status": answer.status})
            raise ProviderConnectionLost(words)
        raise MessagePostponedByProvider(words)

    def _connect(self) -> HttpClient:
        return HttpClient(self._gateway.timeout_seconds)

    def _is_alive(self, connection: HttpClient) -> bool:  # noqa: ARG002  # httpx replaces closed connections
        return not self._cool_down.active

    def _disconnect(self, connection: HttpClient) -> None:
        connection.close()


def _seconds_to_wait(answer: HttpAnswer) -> float | None:
    """Return the number of seconds in a Retry-After header (RFC 9110, section 10.2.3)."""
    written = answer.headers.get("Retry-After", "")
    try:
        return float(int(written)) if written.isdigit() else parsedate_to_datetime(written).timestamp() - time()
    except (ValueError, OverflowError):
        return None
