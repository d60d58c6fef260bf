"""A proxy in front of a site. It can use TLS or change the site's answers."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from tests.conformance.html_page import HtmlPage
from tests.conformance.raw_http import PreparedRequest, connection
from tests.support.certificate import server_context, write_certificate
from tests.support.product import Installation

ChangeAnswer = Callable[[HtmlPage], HtmlPage]
NAME = "localhost"
LENGTHS = {"content-length", "transfer-encoding"}
"""Headers about the length of a body. They are removed, because the proxy may change the body."""


class _Proxy(BaseHTTPRequestHandler):
    behind: str
    change: ChangeAnswer

    def log_message(self, *_: object) -> None:
        """Log nothing."""

    def __getattr__(self, name: str) -> Callable[[], None]:
        if name.startswith("do_"):
            return self._pass_on
        raise AttributeError(name)

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with closing(connection(self.behind)) as line:
            answer = type(self).change(
                PreparedRequest(self.command, self.path, body or None, dict(self.headers)).send_on(line)
            )
        self.send_response_only(answer.status)
        for name, value in answer.headers:
            if name.lower() not in LENGTHS:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body.encode())


@contextmanager
def proxied(
    made: Installation, change: ChangeAnswer = lambda page: page, *, certificate: Path | None = None
) -> Iterator[str]:
    """Start a product with a proxy in front of it, and yield the proxy's address.

    With the path of a certificate, the proxy writes one there and uses TLS.
    """
    handler = type("Proxy", (_Proxy,), {"behind": made.site, "change": staticmethod(change)})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        scheme = "http"
        if certificate is not None:
            context = server_context(write_certificate(NAME, certificate))
            server.socket, scheme = context.wrap_socket(server.socket, server_side=True), "https"
        address = f"{scheme}://{NAME}:{server.server_port}"
        made.variables["RETROUVE_ELECTION__SITE"] = address
        for part in ("mailbox", "telephone", "courier", "serve"):
            made.start(part)
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield address
        server.shutdown()
