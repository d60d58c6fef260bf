"""The security headers of every response, whichever part of the application made it."""

from base64 import b64encode
from collections.abc import Callable, Iterable
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import OptExcInfo
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SCRIPT_IN_HEAD = (files("templates") / "web" / "while_parsed.js").read_text("utf-8").strip()
"""The one script that stands in the pages themselves: it works before anything is drawn, however late files come."""
SCRIPT_DIGEST = b64encode(sha256(SCRIPT_IN_HEAD.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'self'; script-src 'self' 'sha256-{SCRIPT_DIGEST}'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not "no-referrer": a browser would then send "Origin: null" with our own forms.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex",
    "Cache-Control": "no-store",
}
HSTS = ("Strict-Transport-Security", "max-age=31536000; includeSubDomains")


class SecurityHeadersMiddleware:
    """A WSGI application that adds the security headers that a response does not have yet."""

    def __init__(self, application: "WSGIApplication", *, secure: bool) -> None:
        self._application = application
        given = [*HEADERS.items(), HSTS] if secure else [*HEADERS.items()]
        self._headers = {name.lower(): (name, value) for name, value in given}
        self._missing = lru_cache(self._find_missing)  # few responses differ in the names of their headers

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Pass the request on and add the headers to the response."""

        def start(
            status: str, headers: list[tuple[str, str]], failure: "OptExcInfo | None" = None, /
        ) -> "Callable[[bytes], object]":  # a string, or Python would make the type anew for each request
            return start_response(status, [*headers, *self._missing(tuple([name for name, _ in headers]))], failure)

        return self._application(environ, start)

    def _find_missing(self, names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
        present = {name.lower() for name in names}
        return tuple(header for name, header in self._headers.items() if name not in present)
