"""A browser that keeps its connection open and records every request with its answers."""

import http.client
import http.cookies
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlencode, urljoin

from tests.conformance.browser import REDIRECTS, VoterBrowser
from tests.conformance.html_page import HtmlPage
from tests.conformance.raw_http import PreparedRequest, connection, path_of
from tests.conformance.waiting import in_parallel

Held = frozenset[tuple[str, str]]
"""Values of cookies by their names."""


@dataclass(frozen=True)
class HttpExchange:
    """A request with the cookies that were sent, and all its answers, including redirects."""

    act: str
    request: PreparedRequest
    sent: Held
    gained: Held
    """Cookies that the answers have set."""
    ended: Held
    """Names of the sent cookies that the answers have deleted."""
    held: Held
    """Cookies of the browser after the exchange."""
    answers: tuple[HtmlPage, ...]

    @property
    def page(self) -> HtmlPage:
        """The last page of the exchange."""
        return self.answers[-1]

    @property
    def accepted(self) -> bool:
        """Whether the form was accepted, which means that it led to another page."""
        return self.request.method == "POST" and 300 <= self.answers[0].status < 400

    @property
    def typed(self) -> dict[str, str]:
        return fields_of(self.request)


class BrowserAlreadyClosed(Exception):
    """Raised when a browser is used after it was closed."""


class RecordingBrowser(VoterBrowser):
    """A browser with one connection.

    If the server closes the connection, the browser tries once more. After `close`, it raises BrowserAlreadyClosed.
    """

    def __init__(self, site: str, secrets: set[str] | None = None) -> None:
        super().__init__(site, secrets)
        self.page: HtmlPage | None = None
        self._line: http.client.HTTPConnection | None = None
        self._closed = False
        self._ended: set[str] = set()

    @property
    def cookies_held(self) -> Held:
        """The cookies of the browser."""
        return frozenset(self.held.items())

    def set_cookies(self, cookies: Held) -> None:
        """Replace all cookies of the browser."""
        self.cookies.clear()
        for name, value in cookies:
            with suppress(http.cookies.CookieError):
                self.store_cookie(f"{name}={value}")

    def exchange(self, act: str, request: PreparedRequest) -> HttpExchange:
        """Send a request, and follow redirects. If the request has a Cookie header, it is sent unchanged."""
        before = self.cookies_held
        sent = cookies_in(request.headers["Cookie"]) if "Cookie" in request.headers else before
        if sent == before:  # keeps the cookies set by redirects, as a browser does
            request = replace(request, headers={name: it for name, it in request.headers.items() if name != "Cookie"})
        self.answers.clear()
        self._ended.clear()
        self.page = self._visit(request, follow=sent == before)
        if sent != before and self.page.status in REDIRECTS:
            self.page = self._visit(self._next(sent, before), follow=True)
        held = self.cookies_held
        ended = frozenset(each for each in sent if each[0] in self._ended)
        return HttpExchange(act, request, sent, held - before, ended, held, tuple(self.answers))

    def _next(self, sent: Held, before: Held) -> PreparedRequest:
        """Return the request that follows the last redirect. It has the cookies of the browser that sent the form."""
        cookies = {name: value for name, value in sent if name not in self._ended} | dict(self.cookies_held - before)
        header = "; ".join(f"{name}={value}" for name, value in cookies.items())
        return PreparedRequest("GET", path_of(self.answers[-1].header("Location") or "/"), headers={"Cookie": header})

    def keep_response(self, page: HtmlPage) -> None:
        """Store the cookies of a response, and remember which ones it deleted."""
        self.keep_cookies(page)
        self.answers.append(page)
        set_now = {value.partition("=")[0] for name, value in page.headers if name.lower() == "set-cookie"}
        self._ended |= set_now - self.cookies.keys()

    def _send(self, request: PreparedRequest) -> HtmlPage:
        cookies = {"Cookie": self.cookie_header} if self.cookies and "Cookie" not in request.headers else {}
        page = replace(self._sent(request.with_headers(cookies)), url=urljoin(self.site, request.path))
        self.keep_response(page)
        return page

    def _sent(self, request: PreparedRequest) -> HtmlPage:
        if self._closed:
            raise BrowserAlreadyClosed(request.path)
        for _ in range(2):
            if self._line is None:
                self._line = connection(self.site)
            try:
                return request.send_on(self._line)
            except (http.client.HTTPException, OSError):
                self._hang_up()
        return HtmlPage(0, [], "")

    def _hang_up(self) -> None:
        if self._line is not None:
            self._line.close()
        self._line = None

    def close(self) -> None:
        self._closed = True
        self._hang_up()


def send_all_at_once(sendings: list[tuple[RecordingBrowser, str, PreparedRequest]]) -> list[HttpExchange]:
    """Send several requests at the same time, each from a copy of its browser.

    Returns the exchanges in the same order.
    """
    copies = []
    for client, _, _ in sendings:
        copy = RecordingBrowser(client.site)
        copy.set_cookies(client.cookies_held)
        copies.append(copy)

    def send(number: int) -> HttpExchange:
        _, act, request = sendings[number]
        try:
            return copies[number].exchange(act, request)
        finally:
            copies[number].close()

    return in_parallel(send, len(sendings))


def fields_of(request: PreparedRequest) -> dict[str, str]:
    """Return the fields of the form that a request sends."""
    if isinstance(request.body, bytes):
        return dict(parse_qsl(request.body.decode("latin-1"), keep_blank_values=True))
    return dict(request.body or {})


def cookies_in(header: str) -> Held:
    """Return the cookies in a Cookie header."""
    pairs = (each.strip().partition("=") for each in header.split(";"))
    return frozenset((name, value) for name, equals, value in pairs if equals)


def with_query(path: str, fields: Mapping[str, str]) -> str:
    return f"{path.partition('?')[0]}?{urlencode(fields)}"
