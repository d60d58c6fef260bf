"""Sends short responses in one piece, because each piece would wait for the interpreter's lock."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Response

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

SHORT = 64 * 1024
"""Bytes of the longest joined file: longer than any style sheet of ours, shorter than a file that is worth streaming."""
PAGES = frozenset({HTTPStatus.OK, HTTPStatus.SEE_OTHER, HTTPStatus.UNPROCESSABLE_ENTITY})
"""Statuses of nearly all responses, which have a body and paths of ours in their headers."""


class SiteResponse(Response):
    """A response that is sent at once if it is short. A page's headers are sent as they are; werkzeug would look for mistakes."""

    max_cookie_size = 4093
    """Werkzeug's value. Flask would look it up in its configuration for each cookie."""

    def get_wsgi_response(self, environ: "WSGIEnvironment") -> tuple[Iterable[bytes], str, list[tuple[str, str]]]:
        """Return the body, the status and the headers."""
        length = self.headers.get("Content-Length", type=int)
        if (
            length is not None
            and self.is_sequence
            and self.status_code in PAGES
            and environ["REQUEST_METHOD"] != "HEAD"
        ):
            return [self.get_data()], self.status, list(self.headers)
        pieces, status, headers = super().get_wsgi_response(environ)
        return pieces if length is None or length > SHORT else _joined(pieces), status, headers


def _joined(answer: Iterable[bytes]) -> list[bytes]:
    try:
        return [b"".join(answer)]
    finally:
        if hasattr(answer, "close"):
            answer.close()
