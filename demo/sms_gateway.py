"""The demo's SMS gateway. It has the same HTTP interface as Kannel."""

import http.client
import json
import sqlite3
import threading
from base64 import b64encode
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Protocol
from urllib.parse import urlencode, urlsplit

from core.adapters.kannel_sms_transport import DELIVERIES, UNAUTHORISED
from core.ports import SmsDeliveryStatus
from demo.telephones import DemoSms, DemoSmsStore, SmsStatus

GATEWAY_USER = "gateway"
SENDSMS = "/cgi-bin/sendsms"
ACCEPTED = "0: Accepted for delivery"
NO_RECEIVER = "Missing receiver(s) number(s), rejected"
LONGEST_SMS = 4096
ANSWER_SECONDS = 5.0
BATCH = 200
IDLE_SECONDS = 0.2
TROUBLE_SECONDS = 0.5
CODES = {delivery: code for code, delivery in DELIVERIES.items()}
Outcome = tuple[DemoSms, SmsStatus, int, bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoGatewayAccount:
    """The courier's login. The gateway uses `inbound` and `secret` to send replies to the site."""

    username: str
    password: str = field(repr=False)
    inbound: str
    secret: str = field(repr=False)


class HttpCallbackSender:
    """Sends delivery reports and voters' replies to the site. Uses GET requests, as Kannel does."""

    def __init__(self, account: DemoGatewayAccount) -> None:
        self._inbound = account.inbound
        basic = b64encode(f"{GATEWAY_USER}:{account.secret}".encode()).decode()
        self._identity = {"Authorization": f"Basic {basic}"}
        self._connections: dict[str, http.client.HTTPConnection] = {}

    def deliver_report(self, sms: DemoSms, delivery: SmsDeliveryStatus) -> bool:
        """Send a delivery report to the site. Returns False if the caller must try again."""
        return sms.report_to is None or self._get(sms.report_to.replace("%d", str(CODES.get(delivery, delivery))), {})

    def deliver_answer(self, sms: DemoSms) -> bool:
        """Send a voter's reply to the site. Returns False if the caller must try again."""
        query = urlencode({"id": f"telephone-{sms.id}", "from": sms.number, "text": sms.text})
        return self._get(f"{self._inbound}?{query}", self._identity)

    def close(self) -> None:
        for connection in self._connections.values():
            connection.close()

    def _get(self, url: str, headers: Mapping[str, str]) -> bool:
        """Send a GET request. Returns False if the caller must try again."""
        place = urlsplit(url)
        connection = self._connections.get(place.netloc)
        if connection is None:
            connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=ANSWER_SECONDS)
            self._connections[place.netloc] = connection
        try:
            connection.request("GET", f"{place.path}?{place.query}", headers=dict(headers))
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            return False
        return answer.status != HTTPStatus.SERVICE_UNAVAILABLE


class CallbackDelivery(Protocol):
    """Sends delivery reports and voters' replies. If a method returns False, call it again later."""

    def deliver_report(self, sms: DemoSms, delivery: SmsDeliveryStatus) -> bool: ...

    def deliver_answer(self, sms: DemoSms) -> bool: ...

    def close(self) -> None: ...


class CallbackLoop:
    """Sends delivery reports and voters' replies in a loop. After a crash, some may be sent twice."""

    def __init__(self, telephones: DemoSmsStore, network: CallbackDelivery) -> None:
        self._telephones = telephones
        self._network = network

    def run(self, stopping: threading.Event) -> None:
        while not stopping.is_set():
            try:
                updated, failed = self.run_once()
            except sqlite3.Error:  # for example, the disk is full
                updated, failed = 0, True
            if failed or not updated:
                stopping.wait(TROUBLE_SECONDS if failed else IDLE_SECONDS)
        self._network.close()

    def run_once(self) -> tuple[int, bool]:
        """Notify the site of waiting SMS. Returns how many notifications succeeded, and whether any failed."""
        outcomes: list[Outcome] = []
        failed = False
        for text in self._telephones.pending(BATCH):
            outcome = self._answer(text) if text.status is SmsStatus.REPLY else self._report(text)
            failed |= outcome is None
            outcomes += [] if outcome is None else [outcome]
        if outcomes:
            self._telephones.update(outcomes)
        return len(outcomes), failed

    def _report(self, text: DemoSms) -> Outcome | None:
        sent, status = text.sent_reports, text.status
        for delivery in text.planned_reports[text.sent_reports :]:
            if not self._network.deliver_report(text, delivery):
                break
            sent, status = sent + 1, SmsStatus(delivery)
        return None if sent == text.sent_reports else (text, status, sent, sent == len(text.planned_reports))

    def _answer(self, text: DemoSms) -> Outcome | None:
        return (text, SmsStatus.REPLY, 1, True) if self._network.deliver_answer(text) else None


def gateway_server(telephones: DemoSmsStore, account: DemoGatewayAccount, host: str, port: int) -> ThreadingHTTPServer:
    """Return a server that accepts text messages from a courier. Raises OSError."""

    class CourierRequest(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            if self.path != SENDSMS:
                self._take_json()
                return
            text = self.rfile.read(min(int(self.headers.get("Content-Length", 0)), LONGEST_SMS)).decode()
            given = self.headers.get("X-Kannel-Username"), self.headers.get("X-Kannel-Password")
            number = self.headers.get("X-Kannel-To")
            if given != (account.username, account.password):
                self._say(HTTPStatus.FORBIDDEN, f"{UNAUTHORISED} for sendsms")
            elif not number:
                self._say(HTTPStatus.BAD_REQUEST, NO_RECEIVER)
            else:
                telephones.store_sms(number, text, self.headers.get("X-Kannel-DLR-Url"))
                self._say(HTTPStatus.ACCEPTED, ACCEPTED)

        def _take_json(self) -> None:
            """Accept an SMS or a voice call as JSON."""
            body = self.rfile.read(min(int(self.headers.get("Content-Length", 0)), LONGEST_SMS))
            if self.headers.get("Authorization") != f"Bearer {account.password}":
                self._say(HTTPStatus.FORBIDDEN, "{}")
                return
            taken = json.loads(body)
            number = telephones.store_sms(taken["number"], taken["text"], taken["report"], self.path.strip("/"))
            self._say(HTTPStatus.CREATED, json.dumps({"id": number}))

        def _say(self, status: HTTPStatus, words: str) -> None:
            with suppress(BrokenPipeError, ConnectionResetError):
                self.send_response(status)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(words)))
                self.end_headers()
                self.wfile.write(words.encode())

        def log_message(self, *_: object) -> None:
            """Log nothing, because log lines would contain telephone numbers."""

    server = ThreadingHTTPServer((host, port), CourierRequest)
    server.daemon_threads = True
    return server


def start_gateway(telephones: DemoSmsStore, account: DemoGatewayAccount, host: str, port: int) -> None:
    """Start the gateway in two threads that run until the process ends. Raises OSError."""
    server = gateway_server(telephones, account, host, port)
    callbacks = CallbackLoop(telephones, HttpCallbackSender(account))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    threading.Thread(target=callbacks.run, args=(threading.Event(),), daemon=True).start()
