"""HTTP requests with exactly the given headers, one by one or many in one instant."""

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
    """A request to come. A mapping is sent as a form."""

    method: str
    path: str
    body: bytes | Mapping[str, str] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def with_headers(self, headers: Mapping[str, str]) -> "PreparedRequest":
        """Return it with these headers over its own."""
        return replace(self, headers={**self.headers, **headers})

    def send_on(self, line: http.client.HTTPConnection) -> HtmlPage:
        """Send it on that connection and return the answer."""
        body = urlencode(self.body).encode() if isinstance(self.body, Mapping) else self.body
        content = {} if body is None else {"Content-Type": FORM}
        with suppress(BrokenPipeError, ConnectionResetError):  # an answer may come before the end of the request
            line.request(self.method, self.path, body, {**content, **self.headers})
        return read_response(line)


def path_of(address: str) -> str:
    """Return the path of an address, with its query: of one site there may be several."""
    place = urlsplit(address)
    return f"{place.path or '/'}?{place.query}" if place.query else place.path or "/"


def connection(site: str, *, source: str | None = None, seconds: float = 90) -> http.client.HTTPConnection:
    """Return a connection to a site that is not open yet, from that address of this machine."""
    place = urlsplit(site)
    kind = http.client.HTTPSConnection if place.scheme == "https" else http.client.HTTPConnection
    return kind(
        str(place.hostname), place.port, timeout=seconds, source_address=None if source is None else (source, 0)
    )


def send(site: str, request: PreparedRequest, *, source: str | None = None, seconds: float = 90) -> HtmlPage:
    """Send a request on a connection of its own."""
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
    """Send the request of these parts on a connection of its own."""
    return send(site, PreparedRequest(method, path, body, headers or {}), source=source, seconds=seconds)


def send_all_at_once(site: str, requests: Sequence[PreparedRequest]) -> list[HtmlPage]:
    """Send all of them in one instant, on connections of their own that are open already."""
    with ExitStack() as stack:
        lines = [stack.enter_context(closing(connection(site))) for _ in requests]
        # Together too: of connections that come one by one, the process that woke last takes most.
        in_parallel(lambda number: lines[number].connect(), len(requests))
        return in_parallel(lambda number: requests[number].send_on(lines[number]), len(requests))


def read_response(line: http.client.HTTPConnection) -> HtmlPage:
    """Return the answer to what was sent on that connection."""
    response = line.getresponse()
    return HtmlPage(response.status, response.getheaders(), response.read().decode("utf-8", "replace"))
