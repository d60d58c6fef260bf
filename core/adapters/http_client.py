"""Sends HTTP requests with httpx: no redirects, no proxy from the environment, and answers of limited size."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from time import monotonic
from typing import Any

LARGEST_ANSWER = 1 << 16
"""Maximum size of an HTTP answer, in bytes."""
KEEP_ALIVE_SECONDS = 60.0


class HttpNotSent(Exception):
    """Raised when the server did not receive the complete request."""


class HttpNotAnswered(Exception):
    """Raised when a request has no complete answer, although the server may have received the request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    """The headers of the HTTP answer. Look-ups ignore the case of the names."""

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")


class HttpClient:
    """An HTTP client that keeps its connections open. `timeout_seconds` limits each wait for the server."""

    def __init__(self, timeout_seconds: float) -> None:
        import httpx  # noqa: PLC0415  # the site and the terminals send no requests, and save its memory

        self._httpx: Any = httpx
        self._timeout_seconds = timeout_seconds
        self._client = httpx.Client(
            verify=_trusted_authorities(),
            timeout=timeout_seconds,
            trust_env=False,
            limits=httpx.Limits(keepalive_expiry=KEEP_ALIVE_SECONDS),
        )

    def send(self, request: HttpRequest, largest_answer: int = LARGEST_ANSWER) -> HttpAnswer:
        """Send a request. Raises HttpNotSent and HttpNotAnswered."""
        # Without compression, a small answer cannot become a large one.
        headers = [("Accept-Encoding", "identity"), *request.headers.items()]
        encoded = [(name.encode(), value.encode()) for name, value in headers]
        httpx, until = self._httpx, monotonic() + self._timeout_seconds
        try:
            with self._client.stream(request.method, request.url, headers=encoded, content=request.body) as answer:
                body = b""
                for part in answer.iter_raw():
                    body += part
                    if monotonic() > until:
                        raise HttpNotAnswered("the answer is too slow")
                    if len(body) >= largest_answer:
                        break
                return HttpAnswer(answer.status_code, body[:largest_answer], answer.headers)
        except (
            httpx.ConnectError,
            httpx.ConnectTimeout,
            httpx.PoolTimeout,
            httpx.UnsupportedProtocol,
            httpx.LocalProtocolError,
            httpx.WriteTimeout,
            httpx.InvalidURL,
        ) as error:
            raise HttpNotSent(_words(error)) from None
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise HttpNotAnswered(_words(error)) from None

    def close(self) -> None:
        self._client.close()


@cache
def _trusted_authorities() -> ssl.SSLContext:
    """Load the system's certificates only once, because each copy takes half a megabyte of memory."""
    return ssl.create_default_context()


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__
