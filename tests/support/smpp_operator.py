"""A mobile operator for a real Kannel. It is an SMPP 3.4 server that delivers SMS to the demo's telephones."""

import socket
import socketserver
import struct
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from itertools import count
from threading import Event, Lock

from core.forms import gsm7
from core.ports import SmsDeliveryStatus
from demo.telephones import BARRED, DemoSms, DemoSmsStore

HEADER = struct.Struct(">IIII")
LARGEST_PDU = 4096
RESPONSE = 0x8000_0000
RECEIPT = 0x04
"""Value of the field esm_class that marks a delivery receipt (SMPP 3.4, 5.2.12)."""
INTERNATIONAL, ISDN = b"\x01", b"\x01"


class SmppCommand(IntEnum):
    """Commands of SMPP messages (SMPP 3.4, 5.1.2.1)."""

    BIND_RECEIVER = 0x01
    BIND_TRANSMITTER = 0x02
    SUBMIT_SM = 0x04
    DELIVER_SM = 0x05
    BIND_TRANSCEIVER = 0x09


class SmppStatus(IntEnum):
    """Status codes of SMPP responses (SMPP 3.4, 5.1.3)."""

    OK = 0x00
    INVALID_DESTINATION = 0x0B
    BIND_FAILED = 0x0D
    THROTTLED = 0x58


@dataclass(frozen=True, slots=True)
class SmppPdu:
    command: int
    status: int
    sequence: int
    body: bytes = b""

    @property
    def wire(self) -> bytes:
        return HEADER.pack(HEADER.size + len(self.body), self.command, self.status, self.sequence) + self.body

    def answer(self, body: bytes = b"", status: SmppStatus = SmppStatus.OK) -> "SmppPdu":
        return SmppPdu(self.command | RESPONSE, status, self.sequence, body)


@dataclass(frozen=True, slots=True)
class SmppShortMessage:
    """An SMS to or from the operator, in the form that SMPP transfers."""

    sender: str
    recipient: str
    octets: bytes
    esm_class: int = 0
    validity: str = ""
    """Time until which the operator tries to deliver the SMS (SMPP 3.4, 7.1.1). If empty, the operator decides."""

    @classmethod
    def read(cls, body: bytes) -> "SmppShortMessage":
        """Parse the body of a submit_sm or deliver_sm message. Raises ValueError or IndexError."""
        _, rest = split_off_cstring(body)
        sender, rest = split_off_cstring(rest[2:])
        recipient, rest = split_off_cstring(rest[2:])
        esm_class, rest = rest[0], rest[3:]
        _, rest = split_off_cstring(rest)  # the scheduled time
        validity, rest = split_off_cstring(rest)
        return cls(sender, recipient, rest[5 : 5 + rest[4]], esm_class, validity)

    def body(self) -> bytes:
        """Return the body of a submit_sm or deliver_sm message."""
        return b"".join(
            (
                b"\0",
                INTERNATIONAL + ISDN + self.sender.encode() + b"\0",
                INTERNATIONAL + ISDN + self.recipient.encode() + b"\0",
                bytes((self.esm_class, 0, 0)),
                b"\0\0",
                bytes((0, 0, 0, 0, len(self.octets))),
                self.octets,
            )
        )


def split_off_cstring(body: bytes) -> tuple[str, bytes]:
    """Split off a string that ends with a zero octet. Raises ValueError if no octet is zero."""
    end = body.index(0)
    return body[:end].decode("ascii", "replace"), body[end + 1 :]


ANSWER_SECONDS = 5.0
NAME = "operator"
STATES = {
    SmsDeliveryStatus.BUFFERED: "ENROUTE",
    SmsDeliveryStatus.DELIVERED: "DELIVRD",
    SmsDeliveryStatus.UNDELIVERED: "UNDELIV",
}
"""States in a delivery receipt (SMPP 3.4, appendix B).

The state "accepted" is missing, because the response to the SMS already says it.
"""
BINDS = (SmppCommand.BIND_RECEIVER, SmppCommand.BIND_TRANSMITTER, SmppCommand.BIND_TRANSCEIVER)


class MobileOperator(socketserver.ThreadingTCPServer):
    """Accepts SMS from gateways that know the password. Answers of voters go to the number `sender`."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, place: tuple[str, int], telephones: DemoSmsStore, *, password: str, sender: str) -> None:
        super().__init__(place, _Session)
        self.telephones = telephones
        self.sender = sender
        self._password = password
        self._sessions: list[_Session] = []

    # ── The port Network ─────────────────────────────────────────────────────────────────────────────────

    def deliver_report(self, sms: DemoSms, delivery: SmsDeliveryStatus) -> bool:
        """Send a delivery receipt, unless the response to the SMS has already reported the same status."""
        state = STATES.get(delivery)
        return state is None or self._deliver(
            SmppShortMessage(sms.number.lstrip("+"), self.sender, _receipt(sms.id, state), RECEIPT)
        )

    def deliver_answer(self, sms: DemoSms) -> bool:
        """Send a voter's SMS to the number of the gateway."""
        known = "".join(character if character in gsm7.CODES else "?" for character in sms.text)
        return self._deliver(SmppShortMessage(sms.number.lstrip("+"), self.sender, gsm7.encode(known)))

    def close(self) -> None:
        """Do nothing, because the owner of the server closes it."""

    def close_sessions(self) -> None:
        for session in list(self._sessions):
            with suppress(OSError):
                session.request.shutdown(socket.SHUT_RDWR)

    def _deliver(self, short: SmppShortMessage) -> bool:
        session = next(iter(self._sessions), None)
        return session is not None and session.deliver(short)

    # ── Called by sessions ───────────────────────────────────────────────────────────────────────────────

    def bind(self, session: "_Session", password: str) -> SmppStatus:
        """Register a session if its password is right. Returns the status of the response."""
        if password != self._password:
            return SmppStatus.BIND_FAILED
        self._sessions.append(session)
        return SmppStatus.OK

    def unregister(self, session: "_Session") -> None:
        with suppress(ValueError):
            self._sessions.remove(session)

    def accept_sms(self, short: SmppShortMessage) -> SmppStatus:
        """Accept an SMS. Returns the status of the response."""
        return SmppStatus.INVALID_DESTINATION if short.recipient.endswith(BARRED) else SmppStatus.OK


class _Session(socketserver.BaseRequestHandler):
    """The connection of one gateway. The response to an SMS is always sent before a report about the SMS."""

    server: MobileOperator
    request: socket.socket

    def setup(self) -> None:
        self._writing = Lock()
        self._sequence = count(1)
        self._awaited: dict[int, Event] = {}

    def handle(self) -> None:
        with suppress(OSError, ValueError, IndexError):  # closes the connection on a protocol error
            while (pdu := self._read()) is not None:
                self._take(pdu)

    def finish(self) -> None:
        self.server.unregister(self)

    def deliver(self, short: SmppShortMessage) -> bool:
        """Send a message to the gateway. Returns whether the gateway acknowledged it in time."""
        pdu = SmppPdu(SmppCommand.DELIVER_SM, SmppStatus.OK, next(self._sequence), short.body())
        taken = self._awaited[pdu.sequence] = Event()
        try:
            with self._writing:
                self.request.sendall(pdu.wire)
            return taken.wait(ANSWER_SECONDS)
        except OSError:
            return False
        finally:
            del self._awaited[pdu.sequence]

    def _take(self, pdu: SmppPdu) -> None:
        if pdu.command & RESPONSE:
            awaited = self._awaited.get(pdu.sequence)
            if awaited is not None:
                awaited.set()
            return
        with self._writing:
            self.request.sendall(self._answer(pdu).wire)

    def _answer(self, pdu: SmppPdu) -> SmppPdu:
        if pdu.command in BINDS:
            _, rest = split_off_cstring(pdu.body)
            return pdu.answer(NAME.encode() + b"\0", self.server.bind(self, split_off_cstring(rest)[0]))
        if pdu.command == SmppCommand.SUBMIT_SM:
            return self._submitted(pdu, SmppShortMessage.read(pdu.body))
        return pdu.answer()

    def _submitted(self, pdu: SmppPdu, short: SmppShortMessage) -> SmppPdu:
        verdict = self.server.accept_sms(short)
        if verdict not in {SmppStatus.OK, SmppStatus.INVALID_DESTINATION}:
            return pdu.answer(status=verdict)
        number = self.server.telephones.store_sms(f"+{short.recipient.lstrip('+')}", gsm7.decode(short.octets), None)
        return pdu.answer(str(number).encode() + b"\0" if verdict is SmppStatus.OK else b"", verdict)

    def _read(self) -> SmppPdu | None:
        head = self._exactly(HEADER.size)
        if not head:
            return None
        length, command, status, sequence = HEADER.unpack(head)
        if not HEADER.size <= length <= LARGEST_PDU:
            raise ValueError(length)
        return SmppPdu(command, status, sequence, self._exactly(length - HEADER.size))

    def _exactly(self, size: int) -> bytes:
        read = b""
        while len(read) < size:
            more = self.request.recv(size - len(read))
            if not more:
                return b""
            read += more
        return read


def _receipt(number: int, state: str) -> bytes:
    """Return the text of a delivery receipt (SMPP 3.4, appendix B)."""
    now = f"{datetime.now(UTC):%y%m%d%H%M}"
    delivered = int(state == STATES[SmsDeliveryStatus.DELIVERED])
    return (
        f"id:{number} sub:001 dlvrd:{delivered:03d} submit date:{now} done date:{now} stat:{state} err:000 text:"
    ).encode()
