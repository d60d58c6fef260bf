"""A browser without a screen and without JavaScript. It keeps cookies, follows redirects and fills in forms."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.cookies import Morsel, SimpleCookie
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest

from tests.conformance.html_page import HtmlPage
from tests.conformance.raw_http import PreparedRequest, path_of, send

REDIRECTS = frozenset({HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.FOUND, HTTPStatus.SEE_OTHER})
MOST_REDIRECTS = 10


class VoterBrowser:
    """One person's browser at one site.

    It adds the texts that only this person may see to `secrets`.
    """

    def __init__(self, site: str, secrets: set[str] | None = None) -> None:
        self.site = site
        self.cookies: dict[str, Morsel[str]] = {}
        self.answers: list[HtmlPage] = []
        """All responses that the browser has received, including redirects."""
        self.seen: dict[str, HtmlPage] = {}
        """The last page of each step that the browser has shown."""
        self._secrets = set() if secrets is None else secrets

    # ── Cookies ──────────────────────────────────────────────────────────────────────────────────────────

    @property
    def held(self) -> dict[str, str]:
        """The values of the browser's cookies, by name."""
        return {name: morsel.value for name, morsel in self.cookies.items()}

    @property
    def cookie_header(self) -> str:
        """The value of the browser's Cookie header."""
        return "; ".join(f"{name}={value}" for name, value in self.held.items())

    def store_cookie(self, cookie: str) -> None:
        """Store the cookie in a Set-Cookie header, or delete the cookie if it has expired."""
        for name, morsel in SimpleCookie(cookie).items():
            self.cookies.pop(name, None)
            if not _ended(morsel):
                self.cookies[name] = morsel

    def keep_cookies(self, page: HtmlPage) -> None:
        """Store the cookies of a response, and add their values to `secrets`."""
        for name, value in page.headers:
            if name.lower() == "set-cookie":
                self.store_cookie(value)
                self._secrets.update(morsel.value for morsel in SimpleCookie(value).values())

    # ── Requests ─────────────────────────────────────────────────────────────────────────────────────────

    def get(
        self, where: str, *, headers: Mapping[str, str] | None = None, method: str = "GET", follow: bool = True
    ) -> HtmlPage:
        """Open an address or a path of the site."""
        return self._visit(PreparedRequest(method, path_of(where), headers=headers or {}), follow=follow)

    def post(
        self,
        where: str,
        typed: Mapping[str, str] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        follow: bool = True,
    ) -> HtmlPage:
        """Submit a form with the headers that a browser sends from a page of the site."""
        sent = {"Origin": self.site, **(headers or {})}
        return self._visit(PreparedRequest("POST", path_of(where), typed or {}, sent), follow=follow)

    def submit(self, page: HtmlPage, typed: Mapping[str, str] | None = None) -> HtmlPage:
        """Fill in the first form of a page that accepts the given values, and submit it."""
        return self._visit(self._filled(page, typed or {}), follow=True)

    def prepare_request(self, page: HtmlPage, typed: Mapping[str, str] | None = None) -> PreparedRequest:
        """Return the request that `submit` would send."""
        return self._filled(page, typed or {}).with_headers({"Cookie": self.cookie_header})

    def _filled(self, page: HtmlPage, typed: Mapping[str, str]) -> PreparedRequest:
        form = page.form(typed)
        where = path_of(urljoin(page.url, form.action))
        return PreparedRequest("POST", where, {**form.inputs, **typed}, {"Origin": self.site})

    def _visit(self, request: PreparedRequest, *, follow: bool) -> HtmlPage:
        page = self._send(request)
        for _ in range(MOST_REDIRECTS):
            if not follow or page.status not in REDIRECTS:
                return page
            where = urljoin(page.url, page.header("Location") or "")
            assert urlsplit(where).netloc == urlsplit(page.url).netloc, f"{page.url} leads to another site: {where}"
            method = "HEAD" if request.method == "HEAD" else "GET"
            kept = {name: value for name, value in request.headers.items() if name != "Origin"}
            page = self._send(PreparedRequest(method, path_of(where), headers=kept))
        pytest.fail(f"{page.url} is redirected without end")

    def _send(self, request: PreparedRequest) -> HtmlPage:
        page = send(self.site, request.with_headers({"Cookie": self.cookie_header} if self.cookies else {}))
        self.keep_response(page)
        return page

    def keep_response(self, page: HtmlPage) -> None:
        """Record a response, and store its cookies."""
        self.keep_cookies(page)
        self.answers.append(page)
        if page.step is not None:
            self.seen[page.step] = page

    # ── Steps ────────────────────────────────────────────────────────────────────────────────────────────

    def go_to_sign_in_step(self, email: str) -> HtmlPage:
        return self._fill_in({"email": email})

    def go_to_link_request_step(self, email: str) -> HtmlPage:
        return self._fill_in({"email": email}, {"choice": "forgotten"})

    def ask_for_link_mail(self, email: str) -> HtmlPage:
        """Go to MP-4, which requests the mail with the link."""
        return self._fill_in({"email": email}, {"choice": "forgotten"}, {})

    def submit_new_password(self, password: str, again: str | None = None) -> HtmlPage:
        """Submit a new password on the last page MP-6 that the browser has shown."""
        self._secrets.add(password)
        typed = typed_twice(password) if again is None else {"new_password": password, "new_password_again": again}
        return self.submit(self.seen["MP-6"], typed)

    def sign_in(self, email: str, password: str) -> HtmlPage:
        """Sign in, from MP-1 through MP-2 to the voter space."""
        self._secrets.add(password)
        return self._fill_in({"email": email}, {"choice": "sign-in", "password": password})

    def _fill_in(self, *typed: Mapping[str, str]) -> HtmlPage:
        """Fill in forms one after the other, from the first page. Returns the first page without a matching form."""
        page = self.get("/")
        for each in typed:
            if not any(form.accepts_input(each) for form in page.forms):
                return page
            page = self.submit(page, each)
        return page


def typed_twice(password: str) -> dict[str, str]:
    """Return the values to type at MP-6, which asks for a new password twice."""
    return dict.fromkeys(("new_password", "new_password_again"), password)


def _ended(morsel: "Morsel[Any]") -> bool:
    if morsel["max-age"]:
        return int(morsel["max-age"]) <= 0
    return bool(morsel["expires"]) and parsedate_to_datetime(morsel["expires"]) < datetime.now(UTC)
