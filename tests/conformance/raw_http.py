"""Sends HTTP requests with exactly the given headers, one at a time or all at once."""

import http.client
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode, urljoin, urlsplit

from tests.conformance.html_page import HtmlPage
from tests.conformance.waiting import in_parallel

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class PreparedRequest:
    """A request that can be sent. If the body is a mapping, it is sent as a form."""

    method: str
    path: str
    body: bytes | Mapping[str, str] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def with_headers(self, headers: Mapping[str, str]) -> "PreparedRequest":
        """Return a copy of the request with some headers added or replaced."""
        return replace(self, headers={**self.headers, **headers})

    def send_on(self, line: http.client.HTTPConnection) -> HtmlPage:
        body = urlencode(self.body).encode() if isinstance(self.body, Mapping) else self.body
        content = {} if body is None else {"Content-Type": FORM}
        with suppress(
            BrokenPipeError, ConnectionResetError
        ):  # the server may answer before it has read the whole request
            line.request(self.method, self.path, body, {**content, **self.headers})
        return read_response(line)


def path_of(address: str) -> str:
    """Return the path and the query of an address."""
    place = urlsplit(address)
    return f"{place.path or '/'}?{place.query}" if place.query else place.path or "/"


def connection(site: str, *, source: str | None = None, seconds: float = 90) -> http.client.HTTPConnection:
    """Return a connection to a site that is not open yet. `source` is the local address to use."""
    place = urlsplit(site)
    kind = http.client.HTTPSConnection if place.scheme == "https" else http.client.HTTPConnection
    return kind(
        str(place.hostname), place.port, timeout=seconds, source_address=None if source is None else (source, 0)
    )


def send(site: str, request: PreparedRequest, *, source: str | None = None, seconds: float = 90) -> HtmlPage:
    """Send a request on a new connection."""
    with closing(connection(site, source=source, seconds=seconds)) as line:
        return replace(request.send_on(line), url=urljoin(site, request.path))


def exchange(
    site: str,
    method: str,
    path: str,
    body: bytes | Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    *,
    source: str | None = None,
    seconds: float = 90,
) -> HtmlPage:
    """Send a request with the given parts on a new connection."""
    return send(site, PreparedRequest(method, path, body, headers or {}), source=source, seconds=seconds)


def send_all_at_once(site: str, requests: Sequence[PreparedRequest]) -> list[HtmlPage]:
    """Send all requests at the same time, on separate connections that are already open."""
    with ExitStack() as stack:
        lines = [stack.enter_context(closing(connection(site))) for _ in requests]
        # Together too: of connections that come one by one, the process that woke last takes most.
        in_parallel(lambda number: lines[number].connect(), len(requests))
        return in_parallel(lambda number: requests[number].send_on(lines[number]), len(requests))


def read_response(line: http.client.HTTPConnection) -> HtmlPage:
    """Return the answer to the request that was sent on a connection."""
    response = line.getresponse()
    return HtmlPage(response.status, response.getheaders(), response.read().decode("utf-8", "replace"))
