"""What goes over the wire."""

import http.client
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from tests.support.client import Page


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
