"""Serves the small site over HTTP, with its messages and its list of voters."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, parse_qsl, urlsplit

from tests.conformance.attack.planted_defects import PlantedDefectSite
from tests.conformance.attack.recording_browser import cookies_in
from tests.conformance.product import Product

VOTERS = 80


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16  # sends head and body together, which avoids a delayed acknowledgement
    site: PlantedDefectSite

    def log_message(self, *_: object) -> None:
        """Log nothing."""

    def do_GET(self) -> None:
        """Answer with a page, or with one of the lists that the tests read."""
        place = urlsplit(self.path)
        if place.path == "/voters":
            self._send(200, json.dumps([asdict(each.voter) for each in self.site.people.values()]))
        elif place.path == "/desk-list":
            person = self.site.people.get(parse_qs(place.query).get("to", [""])[0])
            self._send(200, json.dumps([] if person is None else person.desk))
        elif place.path == "/messages":
            to = parse_qs(place.query).get("to", [""])[0]
            self._send(200, json.dumps([each for each in self.site.messages if each["to"] == to]))
        else:
            self._page({})

    do_HEAD = do_GET  # noqa: N815  # http.server's name

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode("latin-1")
        self._page(dict(parse_qsl(body, keep_blank_values=True)) or {"": ""})

    def _page(self, typed: Mapping[str, str]) -> None:
        name = urlsplit(self.path).path.strip("/") or "start"
        answer = self.site.answer(name, typed, dict(cookies_in(self.headers.get("Cookie", ""))))
        body = f"<html><h1>{answer.step}</h1>{answer.text}</html>"
        self._send(303 if answer.to else answer.status, body, answer.cookies, answer.to)

    def _send(self, status: int, body: str, cookies: Sequence[str] = (), to: str = "") -> None:
        self.send_response_only(status)
        for cookie in cookies:
            self.send_header("Set-Cookie", f"{cookie}; Path=/; HttpOnly")
        if to:
            self.send_header("Location", to)
        data = body.encode()
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)


@contextmanager
def serve_planted_defect_site(defect: str = "", voters: int = VOTERS) -> Iterator[Product]:
    """Serve the small site with a planted defect while the block runs. Yields its description as a product."""
    handler = type("Handler", (_Handler,), {"site": PlantedDefectSite(voters, defect)})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        yield Product(url=url, mailbox="/messages", voters="/voters", replies="", desk="/desk-list")
        server.shutdown()
