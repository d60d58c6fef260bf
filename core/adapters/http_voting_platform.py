"""Connects to a voting platform over HTTP, as specified in deploy/platform.openapi.yaml."""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from http import HTTPStatus
from urllib.parse import quote, urlsplit

import msgspec

from core.adapters.http_client import HttpClient, HttpNotAnswered, HttpNotSent, HttpRequest
from core.delivery.retry_backoff import RetryBackoff
from core.ports import Clock
from core.ports.voting_platform import (
    FreezeOrder,
    GenerationConflict,
    OrderCarriedOut,
    OrderDenied,
    PlatformAccount,
    PlatformOutcomeUnknown,
    PlatformUnreachable,
    ReissueOrder,
)
from core.text.safe_text import safe_text

LARGEST_ANSWER = 1 << 20
REASON_LENGTH = 80
LONGEST_PAUSE_SECONDS = 5.0
"""Maximum pause after a failure of the voting platform, in seconds."""
TIMESTAMP, SIGNATURE = "Retrouve-Timestamp", "Retrouve-Signature"


class PlatformAccountsPage(msgspec.Struct, frozen=True):
    standings: list[PlatformAccount]
    next: str | None = None


def sign_http_request(shared: bytes, method: str, path: str, timestamp: str, body: bytes) -> str:
    """Return the HMAC-SHA-256 of a request, in hexadecimal."""
    key = hmac.digest(shared, b"requests", sha256)
    return hmac.new(key, f"{method}\n{path}\n{timestamp}\n".encode() + body, sha256).hexdigest()


@dataclass(slots=True)
class HttpVotingPlatform:
    url: str
    shared: bytes = field(repr=False)
    timeout_seconds: float
    clock: Clock
    _cool_down: RetryBackoff = field(init=False, repr=False)
    _last_failure: str = field(default="", init=False)
    _client: HttpClient | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        self._cool_down = RetryBackoff(LONGEST_PAUSE_SECONDS, lambda: self.clock.now().timestamp())

    def reissue(
        self, reissue: ReissueOrder
    ) -> OrderCarriedOut | GenerationConflict | OrderDenied | PlatformOutcomeUnknown:
        return self._send_order("/reissues", reissue)

    def set_freeze(self, order: FreezeOrder) -> OrderCarriedOut | OrderDenied | PlatformOutcomeUnknown:
        result = self._send_order("/holds", order)
        if isinstance(result, GenerationConflict):
            return PlatformOutcomeUnknown(_status(HTTPStatus.CONFLICT))
        return result

    def accounts(self) -> Iterator[PlatformAccount]:
        after = ""
        while True:
            status, body = self._request("GET", f"/standings?after={quote(after)}" if after else "/standings", b"")
            if status != HTTPStatus.OK:
                raise PlatformUnreachable(_status(status))
            try:
                page = msgspec.json.decode(body, type=PlatformAccountsPage)
            except msgspec.DecodeError:
                raise PlatformUnreachable("unreadable answer") from None
            yield from page.standings
            if page.next is None:
                return
            after = page.next

    def _send_order(
        self, path: str, message: ReissueOrder | FreezeOrder
    ) -> OrderCarriedOut | GenerationConflict | OrderDenied | PlatformOutcomeUnknown:
        """Send an order, unless the platform failed recently."""
        if self._cool_down.active:
            return PlatformOutcomeUnknown(self._last_failure)
        try:
            result = _result(*self._request("POST", path, msgspec.json.encode(message)))
        except PlatformUnreachable as away:
            result = PlatformOutcomeUnknown(str(away))
        if isinstance(result, PlatformOutcomeUnknown):
            self._last_failure = result.reason
            self._cool_down.failed()
        else:
            self._cool_down.succeeded()
        return result

    def _request(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        timestamp = str(int(self.clock.now().timestamp()))
        signature = sign_http_request(self.shared, method, urlsplit(self.url).path.rstrip("/") + path, timestamp, body)
        headers = {"Content-Type": "application/json", TIMESTAMP: timestamp, SIGNATURE: signature}
        request = HttpRequest(
            method=method, url=self.url + path, headers=headers | {"Connection": "close"}, body=body
        )  # fmt: skip
        self._client = self._client or HttpClient(self.timeout_seconds)
        try:
            answer = self._client.send(request, LARGEST_ANSWER)
        except (HttpNotSent, HttpNotAnswered) as error:
            raise PlatformUnreachable(safe_text(str(error)[:REASON_LENGTH])) from None
        return answer.status, answer.body


def _result(status: int, body: bytes) -> OrderCarriedOut | GenerationConflict | OrderDenied | PlatformOutcomeUnknown:
    # An error that the operator must correct, such as a wrong key or address, counts as a missing answer.
    match status:
        case HTTPStatus.OK | HTTPStatus.NO_CONTENT:
            return OrderCarriedOut()
        case HTTPStatus.CONFLICT:
            try:
                return msgspec.json.decode(body, type=GenerationConflict)
            except msgspec.DecodeError:
                return PlatformOutcomeUnknown("unreadable answer")
        case HTTPStatus.UNPROCESSABLE_ENTITY:
            try:
                reason = msgspec.json.decode(body, type=OrderDenied).reason
            except msgspec.DecodeError:
                reason = ""
            return OrderDenied(safe_text(reason[:REASON_LENGTH]) or "refused")
        case _:
            return PlatformOutcomeUnknown(_status(status))


def _status(status: int) -> str:
    return f"HTTP {status}"
