"""An SMS provider on loopback whose answers the tests set."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import sleep
from typing import Literal


@dataclass(frozen=True)
class Heard:
    """A request that the provider received."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Says:
    """An answer of the provider. Status 0 stands for no answer."""

    status: int
    body: bytes | str = b""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    drips: Literal["headers", "body"] | None = None
    """The part that is sent one byte at a time."""

    @property
    def content(self) -> bytes:
        return self.body.encode() if isinstance(self.body, str) else self.body

    @property
    def head(self) -> bytes:
        length = {"Content-Length": str(len(self.content))}
        headers = {"Content-Type": self.content_type, **length, **self.headers}
        lines = [f"HTTP/1.1 {self.status} .", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        return "\r\n".join(lines).encode("latin-1")


NOTHING = Says(0)
CLOSES = Says(0, "no answer, and the connection is closed")


@dataclass
class HttpProvider:
    answer: Callable[[Heard], Says]
    port: int = 0
    heard: list[Heard] = field(default_factory=list)
    cut_off: int = 0
    """How many clients closed the connection before the answer was complete."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def http_provider(answer: Callable[[Heard], Says] | Says) -> Iterator[HttpProvider]:
    """Run a provider that gives this answer, or the answer of this function, while the block runs."""
    made = HttpProvider(answer if callable(answer) else lambda _: answer)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            heard = Heard(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body)
            made.heard.append(heard)
            says = made.answer(heard)
            if says.status == 0:
                self.close_connection = True
                if says is not CLOSES:
                    self.rfile.read(1)  # wait until the client closes the connection
                return
            self.close_connection = says.headers.get("Connection") == "close"
            for name, content in (("headers", says.head), ("body", says.content)):
                for part in [content] if says.drips != name else [bytes([byte]) for byte in content]:
                    self.wfile.write(part)
                    sleep(0.1 if says.drips == name else 0)

        do_GET = do_PUT = do_POST  # noqa: N815  # names that the standard library calls

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            made.cut_off += 1

    with Server(("127.0.0.1", 0), Handler) as server:
        made.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield made
        finally:
            server.shutdown()
