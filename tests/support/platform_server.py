"""A voting platform over HTTP, as deploy/platform.openapi.yaml says: what its makers would write, over our own registry."""

import hmac
import json
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

from core.adapters.http_platform import SIGNATURE, TIMESTAMP, signature, signing_key
from core.adapters.memory import MemoryStore
from core.adapters.registry import EmbeddedPlatform
from core.platform import Denied, Hold, Overtaken, Reissue

KEY = b"k" * 43
PAGE = 2


@dataclass
class PlatformServer:
    """Its registry, and how it behaves."""

    registry: EmbeddedPlatform = field(default_factory=lambda: EmbeddedPlatform(MemoryStore()))
    url: str = ""
    status: int | None = None
    """Answers that, whatever it is told."""
    body: bytes = b""
    deaf: bool = False
    """Does what it is told, and never answers."""
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    exchanged: list[tuple[str, bytes, int, bytes]] = field(default_factory=list)
    """Of each request its path and its body, and what it got."""

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, object]:
        """What the description says."""
        self.asked.append((path, headers))
        expected = signature(signing_key(KEY), method, path, headers.get(TIMESTAMP, ""), body)
        if not hmac.compare_digest(expected, headers.get(SIGNATURE, "")):
            return 401, {}
        place = urlsplit(path)
        if place.path.endswith("/standings"):
            return 200, self._page(parse_qs(place.query).get("after", [""])[0])
        told = json.loads(body)
        if place.path.endswith("/holds"):
            self.registry.hold(Hold(**told))
            return 200, {}
        told |= {name: b64decode(told[name]) for name in ("salt", "verifier")}
        match self.registry.reissue(Reissue(**told)):
            case Overtaken(generation=generation):
                return 409, {"generation": generation}
            case Denied(reason=reason):
                return 422, {"reason": reason}
            case _:
                return 200, {}

    def _page(self, after: str) -> dict[str, object]:
        rest = [each for each in self.registry.standings() if each.voter > after]
        page = [{"voter": each.voter, "generation": each.generation, "frozen": each.frozen} for each in rest[:PAGE]]
        return {"standings": page, "next": page[-1]["voter"] if len(rest) > PAGE else None}


@contextmanager
def platform_server() -> Iterator[PlatformServer]:
    """One at work on this machine."""
    played = PlatformServer()

    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, answer = played.answer(self.command, self.path, dict(self.headers), body)
            if played.deaf:
                time.sleep(2)
                return
            said = played.body if played.status else json.dumps(answer).encode()
            self.send_response(played.status or status)
            played.exchanged.append((self.path, body, played.status or status, said))
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_GET = do_POST = _do  # noqa: N815  # http.server's names

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        played.url = f"http://127.0.0.1:{server.server_address[1]}/retrouve"
        thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield played
        finally:
            server.shutdown()
            thread.join()
