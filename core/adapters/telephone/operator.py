"""The demo's mobile operator, for a real Kannel: an SMPP 3.4 server that delivers to the telephones of the demo."""

import socket
import socketserver
from contextlib import suppress
from datetime import UTC, datetime
from itertools import count
from threading import Event, Lock

from core import gsm7
from core.adapters.telephone.smpp import HEADER, LARGEST_PDU, RECEIPT, RESPONSE, Command, Pdu, Short, Status, cstring
from core.adapters.telephone.store import BARRED, Telephones, Text
from core.ports import Delivery

ANSWER_SECONDS = 5.0
NAME = "operator"
PASSWORD_LENGTH = 8
"""At most (SMPP 3.4 §4.1.1)."""
STATES = {Delivery.BUFFERED: "ENROUTE", Delivery.DELIVERED: "DELIVRD", Delivery.UNDELIVERED: "UNDELIV"}
"""In a receipt (SMPP 3.4, appendix B). That an SMS was accepted or rejected, the answer to it says."""
BINDS = (Command.BIND_RECEIVER, Command.BIND_TRANSMITTER, Command.BIND_TRANSCEIVER)


class Operator(socketserver.ThreadingTCPServer):
    """Takes SMS for `telephones` from gateways that know the password; `sender` is the number that answers go to."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, place: tuple[str, int], telephones: Telephones, *, password: str, sender: str) -> None:
        super().__init__(place, _Session)
        self.telephones = telephones
        self.sender = sender
        self._password = password
        self._sessions: list[_Session] = []

    # ── The port Network ─────────────────────────────────────────────────────────────────────────────────

    def report(self, text: Text, delivery: Delivery) -> bool:
        """By a receipt, where the answer to the SMS has not said it."""
        state = STATES.get(delivery)
        return state is None or self._deliver(
            Short(text.number.lstrip("+"), self.sender, _receipt(text.id, state), RECEIPT)
        )

    def answer(self, text: Text) -> bool:
        """As an SMS to the gateway's number."""
        known = "".join(character if not gsm7.outside(character) else "?" for character in text.text)
        return self._deliver(Short(text.number.lstrip("+"), self.sender, gsm7.encode(known)))

    def close(self) -> None:
        """The server is closed by who started it."""

    def hang_up(self) -> None:
        """Cuts every line."""
        for session in list(self._sessions):
            with suppress(OSError):
                session.request.shutdown(socket.SHUT_RDWR)

    def _deliver(self, short: Short) -> bool:
        session = next(iter(self._sessions), None)
        return session is not None and session.deliver(short)

    # ── What a session asks ──────────────────────────────────────────────────────────────────────────────

    def bind(self, session: "_Session", password: str) -> Status:
        """Whether that gateway may work with us."""
        if password != self._password:
            return Status.BIND_FAILED
        self._sessions.append(session)
        return Status.OK

    def leave(self, session: "_Session") -> None:
        """It is gone."""
        with suppress(ValueError):
            self._sessions.remove(session)

    def verdict(self, short: Short) -> Status:
        """Whether that SMS is taken."""
        return Status.INVALID_DESTINATION if short.recipient.endswith(BARRED) else Status.OK


class _Session(socketserver.BaseRequestHandler):
    """One gateway's connection. An answer to an SMS always goes out before a report about it."""

    server: Operator
    request: socket.socket

    def setup(self) -> None:
        self._writing = Lock()
        self._sequence = count(1)
        self._awaited: dict[int, Event] = {}

    def handle(self) -> None:
        with suppress(OSError, ValueError, IndexError):  # whoever does not speak the protocol is hung up on
            while (pdu := self._read()) is not None:
                self._take(pdu)

    def finish(self) -> None:
        self.server.leave(self)

    def deliver(self, short: Short) -> bool:
        """Whether the gateway took it in time."""
        pdu = Pdu(Command.DELIVER_SM, Status.OK, next(self._sequence), short.body())
        taken = self._awaited[pdu.sequence] = Event()
        try:
            with self._writing:
                self.request.sendall(pdu.wire)
            return taken.wait(ANSWER_SECONDS)
        except OSError:
            return False
        finally:
            del self._awaited[pdu.sequence]

    def _take(self, pdu: Pdu) -> None:
        if pdu.command & RESPONSE:
            awaited = self._awaited.get(pdu.sequence)
            if awaited is not None:
                awaited.set()
            return
        with self._writing:
            self.request.sendall(self._answer(pdu).wire)

    def _answer(self, pdu: Pdu) -> Pdu:
        if pdu.command in BINDS:
            _, rest = cstring(pdu.body)
            return pdu.answer(NAME.encode() + b"\0", self.server.bind(self, cstring(rest)[0]))
        if pdu.command == Command.SUBMIT_SM:
            return self._submitted(pdu, Short.read(pdu.body))
        return pdu.answer()

    def _submitted(self, pdu: Pdu, short: Short) -> Pdu:
        verdict = self.server.verdict(short)
        if verdict not in {Status.OK, Status.INVALID_DESTINATION}:
            return pdu.answer(status=verdict)
        number = self.server.telephones.take(f"+{short.recipient.lstrip('+')}", gsm7.decode(short.octets), None)
        return pdu.answer(str(number).encode() + b"\0" if verdict is Status.OK else b"", verdict)

    def _read(self) -> Pdu | None:
        head = self._exactly(HEADER.size)
        if not head:
            return None
        length, command, status, sequence = HEADER.unpack(head)
        if not HEADER.size <= length <= LARGEST_PDU:
            raise ValueError(length)
        return Pdu(command, status, sequence, self._exactly(length - HEADER.size))

    def _exactly(self, size: int) -> bytes:
        read = b""
        while len(read) < size:
            more = self.request.recv(size - len(read))
            if not more:
                return b""
            read += more
        return read


def _receipt(number: int, state: str) -> bytes:
    """SMPP 3.4, appendix B."""
    now = f"{datetime.now(UTC):%y%m%d%H%M}"
    delivered = int(state == STATES[Delivery.DELIVERED])
    return (
        f"id:{number} sub:001 dlvrd:{delivered:03d} submit date:{now} done date:{now} stat:{state} err:000 text:"
    ).encode()
