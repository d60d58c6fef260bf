"""Serves a small site over HTTP, with its messages and its voters."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_hex
from threading import Thread
from urllib.parse import parse_qs, parse_qsl, urlsplit

from conformance.attack.planted_defect_site import PlantedDefectSite
from conformance.attack.planted_defects_and_site_state import SiteAnswer, SiteRecordOfBrowserCookie
from conformance.attack.recording_browser import cookies_in
from conformance.product import Product

VOTERS = 80
Served = Callable[[SiteRecordOfBrowserCookie, Mapping[str, str]], SiteAnswer]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16  # head and body in one piece, or the client's acknowledgement is waited for
    site: PlantedDefectSite
    visitors: dict[str, SiteRecordOfBrowserCookie]

    def log_message(self, *_: object) -> None:
        """Log nothing."""

    def do_GET(self) -> None:
        """Answer a page, or the lists that the harness reads."""
        place = urlsplit(self.path)
        if place.path == "/voters":
            self._json([asdict(each.voter) for each in self.site.people.values()])
        elif place.path == "/messages":
            to = parse_qs(place.query).get("to", [""])[0]
            self._json([each for each in self.site.messages if each["to"] == to])
        else:
            self._page({})

    do_HEAD = do_GET  # noqa: N815  # http.server's name

    def do_POST(self) -> None:
        """Take a form."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode("latin-1")
        self._page(dict(parse_qsl(body, keep_blank_values=True)) or {"": ""})

    def _page(self, typed: Mapping[str, str]) -> None:
        cookies = dict(cookies_in(self.headers.get("Cookie", "")))
        with self.site.lock:
            key, visitor = self._visitor(cookies)
            before = replace(visitor)
            answer = self._answer(visitor, typed)
            signed_in = visitor.sessions != before.sessions
            if signed_in:  # a session gets a cookie of its own, against session fixation
                self.visitors[key], key = before, self.site.session_key(key, typed)
                self.visitors[key] = visitor
            if answer.signed_out:
                del self.visitors[key]
        set_now = [f"visitor={key}"] if key != cookies.get("visitor") else []
        if signed_in:  # a mark of the browser, which opens nothing and outlives the session
            set_now.append(f"known={token_hex(8)}")
        if answer.signed_out:
            set_now = ["visitor=; Max-Age=0"]
        if self.site.defect == "cookie trusted" and visitor.user:
            set_now.append(f"user={visitor.user}")
        self._send(answer.status if not answer.to else 303, _drawn(answer), set_now, answer.to)

    def _visitor(self, cookies: Mapping[str, str]) -> tuple[str, SiteRecordOfBrowserCookie]:
        key = cookies.get("visitor", "")
        if key not in self.visitors:
            key = token_hex(16)
            self.visitors[key] = SiteRecordOfBrowserCookie()
        visitor = self.visitors[key]
        person = self.site.people.get(cookies.get("user", "")) if self.site.defect == "cookie trusted" else None
        if person is not None:
            visitor = replace(visitor, user=person.voter.email, epoch=person.epoch)
        return key, visitor

    def _answer(self, visitor: SiteRecordOfBrowserCookie, typed: Mapping[str, str]) -> SiteAnswer:
        name = urlsplit(self.path).path.strip("/")
        if name.startswith("r/"):
            return self.site.link(visitor, name.removeprefix("r/"))
        pages: Mapping[str, Served] = {
            "": self.site.start,
            **{
                each: getattr(self.site, each)
                for each in ("enter", "sent", "new", "done", "home", "who", "code", "ready")
            },
        }
        return pages[name](visitor, typed) if name in pages else SiteAnswer(text="no such page", status=404)

    def _json(self, found: object) -> None:
        self._send(200, json.dumps(found), [], "")

    def _send(self, status: int, body: str, cookies: list[str], to: str) -> None:
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


def _drawn(answer: SiteAnswer) -> str:
    return f"<html><h1>{answer.step}</h1>{answer.text}</html>"


@contextmanager
def serve_planted_defect_site(defect: str = "", voters: int = VOTERS) -> Iterator[Product]:
    """Serve a small site with that defect until the end of the block, and yield it as a product."""
    handler = type("Handler", (_Handler,), {"site": PlantedDefectSite(voters, defect), "visitors": {}})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        yield Product(url=url, mailbox="/messages", voters="/voters", replies="")
        server.shutdown()
