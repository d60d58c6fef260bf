"""What goes over the wire."""

import http.client
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from tests.support.client import Page
from tests.support.product.waiting import together


@dataclass(frozen=True)
class Answer:
    """A response, as it was sent."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        """The first of that name."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def page(self) -> Page:
        """What a reader sees of it."""
        return Page(self.status, "", http.client.HTTPMessage(), self.body.decode("utf-8", "replace"))


def exchange(
    site: str,
    method: str,
    path: str,
    body: bytes | Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    *,
    source: str | None = None,
    seconds: float = 30,
) -> Answer:
    """One request with exactly these headers, from that address of this machine. A mapping is sent as a form."""
    place = urlsplit(site)
    sent = dict(headers or {})
    if isinstance(body, Mapping):
        body = urlencode(body).encode()
    if body is not None:
        sent.setdefault("Content-Type", "application/x-www-form-urlencoded")
    with closing(
        http.client.HTTPConnection(
            str(place.hostname), place.port, timeout=seconds, source_address=None if source is None else (source, 0)
        )
    ) as line:
        with suppress(BrokenPipeError, ConnectionResetError):  # an answer may come before the end of the request
            line.request(method, path, body, sent)
        return answer_on(line)


@dataclass(frozen=True)
class Call:
    """A request to come: a form that is posted, or without one a page that is asked for."""

    path: str
    form: Mapping[str, str] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def on(self, line: http.client.HTTPConnection) -> Answer:
        """What it gets on that connection."""
        if self.form is None:
            line.request("GET", self.path, headers=dict(self.headers))
        else:
            headers = {"Content-Type": "application/x-www-form-urlencoded", **self.headers}
            line.request("POST", self.path, urlencode(self.form), headers)
        return answer_on(line)


def at_once(site: str, calls: Sequence[Call]) -> list[Answer]:
    """What each gets, all of them sent in one instant, on connections of their own that are open already."""
    place = urlsplit(site)
    with ExitStack() as stack:
        lines = [
            stack.enter_context(closing(http.client.HTTPConnection(str(place.hostname), place.port, timeout=30)))
            for _ in calls
        ]
        # Together too: of connections that come one by one, the process that woke last takes most.
        together(lambda number: lines[number].connect(), len(calls))
        return together(lambda number: calls[number].on(lines[number]), len(calls))


def answer_on(line: http.client.HTTPConnection) -> Answer:
    """The answer to what was sent on that connection."""
    response = line.getresponse()
    return Answer(response.status, response.getheaders(), response.read())


def answers(site: str) -> bool:
    """Whether the site says that it is ready."""
    try:
        return exchange(site, "GET", "/readyz").status == 200
    except (OSError, http.client.HTTPException):
        return False
