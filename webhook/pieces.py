"""Short answers in one piece: piece by piece, each would wait for another turn at the interpreter."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import OptExcInfo
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SHORT = 64 * 1024
"""Bytes: any page of ours, and no file that is worth streaming."""


class InOnePiece:
    """A WSGI application whose answers of a known, small length are lists of one element, which granian sends at once."""

    def __init__(self, application: "WSGIApplication") -> None:
        self._application = application

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answers."""
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
