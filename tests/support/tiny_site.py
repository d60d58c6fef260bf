"""A site that answers every request in the same way, in two pieces, and keeps its connections open."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager

PIECES = (b"HTTP/1.1 200 OK\r\ncontent-le", b"ngth: 4\r\n\r\nyes\n")


class _Answers(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        while line := self.rfile.readline():
            if line == b"\r\n":
                for piece in PIECES:
                    self.wfile.write(piece)


@contextmanager
def tiny_site() -> Iterator[int]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Answers) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()
