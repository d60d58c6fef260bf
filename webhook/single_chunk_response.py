"""Sends short responses in one piece, because each piece would wait for the interpreter's lock."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Response
from werkzeug.datastructures import Headers

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

SHORT = 64 * 1024
"""Bytes of the longest joined file: longer than any style sheet of ours, shorter than a file that is worth streaming."""
PAGE_TYPE = ("Content-Type", "text/html; charset=utf-8")


class SingleChunkResponse(Response):
    """A response that is sent at once if it is short. A page's headers are sent as they are; werkzeug would look for mistakes."""

    _page: bytes | None = None

    max_cookie_size = 4093
    """Werkzeug's value. Flask would look it up in its configuration for each cookie."""

    @classmethod
    def of_page(
        cls, content: bytes, status: HTTPStatus = HTTPStatus.OK, *headers: tuple[str, str]
    ) -> "SingleChunkResponse":
        """Make the response of a page, whose headers werkzeug would look through for each that it adds."""
        about = Headers()
        about._list = [*headers, PAGE_TYPE, ("Content-Length", str(len(content)))]  # noqa: SLF001  # adding each takes longer than all the rest
        page = cls([content], status, about)
        page._page = content
        return page

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer the request."""
        if self._page is None or environ["REQUEST_METHOD"] == "HEAD":
            return super().__call__(environ, start_response)
        start_response(self.status, self.headers.to_wsgi_list())
        return [self._page]

    def get_wsgi_response(self, environ: "WSGIEnvironment") -> tuple[Iterable[bytes], str, list[tuple[str, str]]]:
        """Return the body, the status and the headers."""
        length = self.headers.get("Content-Length", type=int)
        pieces, status, headers = super().get_wsgi_response(environ)
        return pieces if length is None or length > SHORT else _joined(pieces), status, headers


def _joined(answer: Iterable[bytes]) -> list[bytes]:
    try:
        return [b"".join(answer)]
    finally:
        if hasattr(answer, "close"):
            answer.close()
