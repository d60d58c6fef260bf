"""A browser without a screen: keeps cookies, follows redirects, reads forms. No JavaScript, like the plainest phone."""

import http.client
import re
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from html.parser import HTMLParser
from http.cookiejar import CookieJar


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.meta: dict[str, str] = {}
        self.forms: list[dict[str, str]] = []
        self.words: list[str] = []
        self._inside = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "meta" and "name" in given:
            self.meta[given["name"]] = given.get("content", "")
        if tag == "form":
            self.forms.append(given)
        if tag in {"script", "style"}:
            self._inside += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style"}:
            self._inside -= 1

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self.words.append(data)


@dataclass(frozen=True)
class Page:
    """What came back."""

    status: int
    url: str
    headers: http.client.HTTPMessage
    body: str

    @property
    def read(self) -> _Reader:
        """Its parts."""
        reader = _Reader()
        reader.feed(self.body)
        return reader

    @property
    def step(self) -> str | None:
        """The code of the step it shows."""
        return self.read.meta.get("step")

    @property
    def case(self) -> str | None:
        """The case number it carries."""
        return self.read.meta.get("case")

    @property
    def refusal(self) -> str | None:
        """The id of the refusal it shows."""
        return self.read.meta.get("refusal")

    @property
    def text(self) -> str:
        """Its words, white space folded and no-break spaces made plain."""
        return re.sub(r"\s+", " ", " ".join(self.read.words))


class _Stays(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object, **__: object) -> None:
        return None


class Client:
    """One person's browser at one site."""

    def __init__(self, site: str) -> None:
        self.site = site
        self.cookies = CookieJar()
        self._follow = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))
        self._stay = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies), _Stays)

    def get(
        self, path: str, *, headers: dict[str, str] | None = None, method: str = "GET", follow: bool = True
    ) -> Page:
        """A page."""
        return self._send(urllib.request.Request(self._url(path), headers=headers or {}, method=method), follow=follow)

    def post(
        self,
        path: str,
        typed: dict[str, str] | list[tuple[str, str]] | None = None,
        *,
        headers: dict[str, str] | None = None,
        follow: bool = True,
    ) -> Page:
        """A form, sent as our own page would send it."""
        sent = {"Origin": self.site, **(headers or {})}
        body = urllib.parse.urlencode(typed or {}).encode()
        return self._send(urllib.request.Request(self._url(path), data=body, headers=sent), follow=follow)

    def _url(self, path: str) -> str:
        return path if path.startswith("http") else self.site + path

    def _send(self, request: urllib.request.Request, *, follow: bool) -> Page:
        opener = self._follow if follow else self._stay
        try:
            response = opener.open(request, timeout=30)
        except urllib.error.HTTPError as error:
            response = error
        with response:
            return Page(response.status, response.url, response.headers, response.read().decode("utf-8", "replace"))
