"""The port VotingPlatform over HTTP, as deploy/platform.openapi.yaml describes it for the platform's makers.

Each request is signed with the key that both share; a repeated one is harmless, so whatever is unclear is told again.
"""

import hmac
import http.client
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec

from core.platform import Away, Denied, Done, Hold, Overtaken, PlatformAway, Reissue, Standing
from core.ports import Clock

LARGEST_ANSWER = 1 << 20
REASON_LENGTH = 80
TIMESTAMP, SIGNATURE = "Retrouve-Timestamp", "Retrouve-Signature"


class Refusal(msgspec.Struct, frozen=True):
    """Why the platform refuses for good."""

    reason: str = ""


class Present(msgspec.Struct, frozen=True):
    """The generation in force."""

    generation: int


class Page(msgspec.Struct, frozen=True):
    """Some of the standings; `next` asks for those after them."""

    standings: list[Standing]
    next: str | None = None


class Answer(msgspec.Struct, frozen=True):
    """A status and a body."""

    status: int
    body: bytes


def signing_key(shared: bytes) -> bytes:
    """The key of signatures: verifiers are made with the shared one itself, and no key serves two purposes."""
    return hmac.digest(shared, b"requests", sha256)


def signature(key: bytes, method: str, path: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA-256 over the four, a line each, in hexadecimal."""
    signed = f"{method}\n{path}\n{timestamp}\n".encode() + body
    return hmac.new(key, signed, sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class HttpPlatform:
    """`url` is the platform's base address; `timeout_seconds` is for each answer waited for."""

    url: str
    shared: bytes = field(repr=False)
    timeout_seconds: float
    clock: Clock

    @property
    def keeps_apart(self) -> bool:
        return True

    def reissue(self, reissue: Reissue) -> Done | Overtaken | Denied | Away:
        try:
            answer = self._ask("POST", "/reissues", msgspec.json.encode(reissue))
            if answer.status == HTTPStatus.CONFLICT:
                return Overtaken(msgspec.json.decode(answer.body, type=Present).generation)
            return _done(answer)
        except PlatformAway as away:
            return Away(str(away))
        except msgspec.DecodeError:
            return Away("unreadable answer")

    def hold(self, hold: Hold) -> Done | Denied | Away:
        try:
            return _done(self._ask("POST", "/holds", msgspec.json.encode(hold)))
        except PlatformAway as away:
            return Away(str(away))

    def standings(self) -> Iterator[Standing]:
        after = ""
        while True:
            page = self._page(after)
            yield from page.standings
            if page.next is None:
                return
            after = page.next

    def _page(self, after: str) -> Page:
        answer = self._ask("GET", f"/standings?after={quote(after)}" if after else "/standings", b"")
        if answer.status != HTTPStatus.OK:
            raise PlatformAway(_status(answer.status))
        try:
            return msgspec.json.decode(answer.body, type=Page)
        except msgspec.DecodeError:
            raise PlatformAway("unreadable answer") from None

    def _ask(self, method: str, path: str, body: bytes) -> Answer:
        """One request on a connection of its own. Raises PlatformAway."""
        place = urlsplit(self.url)
        target = place.path.rstrip("/") + path
        line = self._line(place.scheme, place.hostname or "", place.port)
        try:
            line.request(method, target, body, self._headers(method, target, body))
            response = line.getresponse()
            return Answer(response.status, response.read(LARGEST_ANSWER))
        except (OSError, http.client.HTTPException) as error:
            raise PlatformAway((str(error) or type(error).__name__)[:REASON_LENGTH]) from None
        finally:
            line.close()

    def _line(self, scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
        if scheme == "https":
            tls = ssl.create_default_context()
            return http.client.HTTPSConnection(host, port, timeout=self.timeout_seconds, context=tls)
        return http.client.HTTPConnection(host, port, timeout=self.timeout_seconds)

    def _headers(self, method: str, target: str, body: bytes) -> dict[str, Any]:
        timestamp = str(int(self.clock.now().timestamp()))
        return {
            "Content-Type": "application/json",
            TIMESTAMP: timestamp,
            SIGNATURE: signature(signing_key(self.shared), method, target, timestamp, body),
        }


def _done(answer: Answer) -> Done | Denied | Away:
    """What is our operator's to mend (a wrong key, a wrong address) is no refusal: it waits as if nobody answered."""
    match answer.status:
        case HTTPStatus.OK | HTTPStatus.NO_CONTENT:
            return Done()
        case HTTPStatus.UNPROCESSABLE_ENTITY:
            try:
                return Denied(msgspec.json.decode(answer.body, type=Refusal).reason[:REASON_LENGTH] or "refused")
            except msgspec.DecodeError:
                return Denied("refused")
        case status:
            return Away(_status(status))


def _status(status: int) -> str:
    return f"HTTP {status}"
