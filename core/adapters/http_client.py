"""Sends HTTP requests without redirects or proxies. Limits the size and duration of answers."""

import asyncio
import ssl
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from functools import cache
from math import inf
from threading import Thread
from typing import Any, TypeVar

LARGEST_ANSWER = 1 << 16
"""Maximum size of an HTTP answer, in bytes."""
KEEP_ALIVE_SECONDS = 60.0
T = TypeVar("T")


class HttpNotSent(Exception):
    """Raised when the server did not receive the complete request."""


class HttpNotAnswered(Exception):
    """Raised when no complete answer arrives. The server may have received the request."""


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
    """Headers of the answer, with case-insensitive names."""

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")


class HttpClient:
    """An HTTP client that keeps connections open. `timeout_seconds` covers a request and its answer."""

    def __init__(self, timeout_seconds: float) -> None:
        import httpx  # noqa: PLC0415  # the site and the terminals send no requests, and save its memory

        self._httpx: Any = httpx
        self._timeout_seconds = timeout_seconds
        self._loop = _event_loop()
        self._client = httpx.AsyncClient(
            verify=_trusted_authorities(), trust_env=False, limits=httpx.Limits(keepalive_expiry=KEEP_ALIVE_SECONDS)
        )

    def send(self, request: HttpRequest, largest_answer: int = LARGEST_ANSWER, most_seconds: float = inf) -> HttpAnswer:
        """Send a request. `most_seconds` may shorten the time limit. Raises HttpNotSent or HttpNotAnswered."""
        httpx, seconds = self._httpx, min(self._timeout_seconds, most_seconds)
        try:
            return self._run(self._answer(request, largest_answer, seconds))
        except TimeoutError:
            raise HttpNotAnswered(f"no complete answer within {seconds:.3g} s") from None
        except (
            httpx.ConnectError,
            httpx.ConnectTimeout,
            httpx.UnsupportedProtocol,
            httpx.LocalProtocolError,
            httpx.InvalidURL,
        ) as error:
            raise HttpNotSent(_words(error)) from None
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise HttpNotAnswered(_words(error)) from None

    def close(self) -> None:
        self._run(self._client.aclose())

    async def _answer(self, request: HttpRequest, largest_answer: int, seconds: float) -> HttpAnswer:
        # Without compression, a small answer cannot become a large one.
        headers = [("Accept-Encoding", "identity"), *request.headers.items()]
        options = {
            "headers": [(name.encode(), value.encode()) for name, value in headers],
            "content": request.body,
            # Without a connection, the request was not sent, and there must be time to try another server.
            "timeout": self._httpx.Timeout(None, connect=seconds / 2),
        }
        async with (
            asyncio.timeout(seconds),
            self._client.stream(request.method, request.url, **options) as answer,
        ):
            body = b""
            async for part in answer.aiter_raw():
                body += part
                if len(body) >= largest_answer:
                    break
            return HttpAnswer(answer.status_code, body[:largest_answer], answer.headers)

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


@cache
def _event_loop() -> asyncio.AbstractEventLoop:
    """Start the thread that sends all HTTP requests of this process."""
    loop = asyncio.new_event_loop()
    Thread(target=loop.run_forever, name="http", daemon=True).start()
    return loop


@cache
def _trusted_authorities() -> ssl.SSLContext:
    """Load the system's certificates once, to save memory."""
    return ssl.create_default_context()


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__
