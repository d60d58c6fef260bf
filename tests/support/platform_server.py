"""A voting platform with the HTTP interface of deploy/platform.openapi.yaml, which uses Retrouve's own registry."""

import hmac
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import msgspec

from core.adapters.embedded_voting_platform import EmbeddedVotingPlatform
from core.adapters.http_voting_platform import SIGNATURE, TIMESTAMP, sign_http_request
from core.ports.voting_platform import FreezeOrder, GenerationConflict, OrderDenied, ReissueOrder
from tests.support.election import ElectionClock
from tests.support.stores import sqlite

KEY = b"k" * 43
PAGE = 2
FARTHEST_SECONDS = 300


@dataclass
class PlatformServer:
    registry: EmbeddedVotingPlatform
    url: str = ""
    clock: ElectionClock = field(default_factory=ElectionClock)
    status: int | None = None
    """HTTP status of every answer. If None, the platform answers normally."""
    body: bytes = b""
    deaf: bool = False
    """Whether the platform executes requests without answering."""
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    exchanged: list[tuple[str, bytes, int, bytes]] = field(default_factory=list)
    """Path, body, status and answer of each request."""

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, object]:
        """Execute a request and return the status and the answer that the OpenAPI description requires."""
        self.asked.append((path, headers))
        expected = sign_http_request(KEY, method, path, headers.get(TIMESTAMP, ""), body)
        if not hmac.compare_digest(expected.encode(), headers.get(SIGNATURE, "").encode()) or not self._timely(headers):
            return 401, {}
        place = urlsplit(path)
        if place.path.endswith("/standings"):
            return 200, self._page(parse_qs(place.query).get("after", [""])[0])
        return self._take(FreezeOrder if place.path.endswith("/holds") else ReissueOrder, body)

    def _take(self, kind: type[FreezeOrder | ReissueOrder], body: bytes) -> tuple[int, object]:
        try:
            order = msgspec.json.decode(body, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return 400, {}
        if isinstance(order, FreezeOrder):
            self.registry.set_freeze(order)
            return 200, {}
        match self.registry.reissue(order):
            case GenerationConflict(generation=generation):
                return 409, {"generation": generation}
            case OrderDenied(reason=reason):
                return 422, {"reason": reason}
            case _:
                return 200, {}

    def _timely(self, headers: dict[str, str]) -> bool:
        """Return whether the timestamp of a request is recent. Otherwise the request could be a replay."""
        timestamp = headers.get(TIMESTAMP, "")
        if re.fullmatch(r"[0-9]{1,12}", timestamp) is None:
            return False
        return abs(self.clock.now().timestamp() - int(timestamp)) <= FARTHEST_SECONDS

    def _page(self, after: str) -> dict[str, object]:
        rest = [each for each in self.registry.accounts() if each.voter > after]
        page = [{"voter": each.voter, "generation": each.generation, "frozen": each.frozen} for each in rest[:PAGE]]
        return {"standings": page, "next": page[-1]["voter"] if len(rest) > PAGE else None}


@contextmanager
def platform_server() -> Iterator[PlatformServer]:
    """Run the voting platform on this machine while the block runs."""
    with TemporaryDirectory() as folder, sqlite(Path(folder)) as kept:
        played = PlatformServer(EmbeddedVotingPlatform(kept.store))

        class Handler(BaseHTTPRequestHandler):
            def _do(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, answer = played.answer(self.command, self.path, dict(self.headers), body)
                if played.deaf:
                    self.rfile.read(1)  # waits until the client closes the connection
                    return
                said = played.body if played.status else json.dumps(answer).encode()
                self.send_response(played.status or status)
                played.exchanged.append((self.path, body, played.status or status, said))
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            do_GET = do_POST = _do  # noqa: N815  # http.server's names

            def log_message(self, *_: object) -> None:
                """Log nothing."""

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            played.url = f"http://127.0.0.1:{server.server_address[1]}/retrouve"
            thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
            thread.start()
            try:
                yield played
            finally:
                server.shutdown()
                thread.join()
