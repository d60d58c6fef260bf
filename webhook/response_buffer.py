"""Sends short responses in one piece, because each piece would wait for the interpreter's lock."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import OptExcInfo
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SHORT = 64 * 1024
"""Bytes of the longest joined response: longer than any page of ours, shorter than a file that is worth streaming."""


class ResponseBuffer:
    """A WSGI application that joins the pieces of responses of a known, small length. granian sends these at once."""

    def __init__(self, application: "WSGIApplication") -> None:
        self._application = application

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Pass the request on and join the pieces of the response."""
        lengths: list[int] = []

        def start(
            status: str, headers: list[tuple[str, str]], failure: "OptExcInfo | None" = None, /
        ) -> Callable[[bytes], object]:
            lengths.extend(int(value) for name, value in headers if name.lower() == "content-length")
            return start_response(status, headers, failure)

        answer = self._application(environ, start)
        return _joined(answer) if lengths and lengths[-1] <= SHORT else answer


def _joined(answer: Iterable[bytes]) -> list[bytes]:
    try:
        return [b"".join(answer)]
    finally:
        if hasattr(answer, "close"):
            answer.close()
