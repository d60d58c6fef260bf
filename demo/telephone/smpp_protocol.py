"""The part of SMPP 3.4 that an operator needs to take SMS from Kannel and to send reports and answers."""

import struct
from dataclasses import dataclass
from enum import IntEnum

HEADER = struct.Struct(">IIII")
LARGEST_PDU = 4096
RESPONSE = 0x8000_0000
RECEIPT = 0x04
"""The esm_class of a delivery receipt (SMPP 3.4 §5.2.12)."""
INTERNATIONAL, ISDN = b"\x01", b"\x01"


class SmppCommand(IntEnum):
    """The commands of PDUs (SMPP 3.4 §5.1.2.1)."""

    BIND_RECEIVER = 0x01
    BIND_TRANSMITTER = 0x02
    SUBMIT_SM = 0x04
    DELIVER_SM = 0x05
    BIND_TRANSCEIVER = 0x09


class SmppStatus(IntEnum):
    """The status codes of responses (SMPP 3.4 §5.1.3)."""

    OK = 0x00
    INVALID_DESTINATION = 0x0B
    BIND_FAILED = 0x0D
    THROTTLED = 0x58


@dataclass(frozen=True, slots=True)
class SmppPdu:
    """A protocol data unit."""

    command: int
    status: int
    sequence: int
    body: bytes = b""

    @property
    def wire(self) -> bytes:
        """Return the bytes on the wire."""
        return HEADER.pack(HEADER.size + len(self.body), self.command, self.status, self.sequence) + self.body

    def answer(self, body: bytes = b"", status: SmppStatus = SmppStatus.OK) -> "SmppPdu":
        """Return the response to this PDU."""
        return SmppPdu(self.command | RESPONSE, status, self.sequence, body)


@dataclass(frozen=True, slots=True)
class SmppShortMessage:
    """A short message, in either direction."""

    sender: str
    recipient: str
    octets: bytes
    esm_class: int = 0
    validity: str = ""
    """The time until which to retry (SMPP 3.4 §7.1.1), or nothing where the operator decides."""

    @classmethod
    def read(cls, body: bytes) -> "SmppShortMessage":
        """Parse the body of a submit_sm or deliver_sm. Raises ValueError, IndexError."""
        _, rest = split_off_cstring(body)
        sender, rest = split_off_cstring(rest[2:])
        recipient, rest = split_off_cstring(rest[2:])
        esm_class, rest = rest[0], rest[3:]
        _, rest = split_off_cstring(rest)  # when to send it
        validity, rest = split_off_cstring(rest)
        return cls(sender, recipient, rest[5 : 5 + rest[4]], esm_class, validity)

    def body(self) -> bytes:
        """Return the body of a submit_sm or deliver_sm."""
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
    """Split off a string that ends with a zero octet. Raises ValueError where there is none."""
    end = body.index(0)
    return body[:end].decode("ascii", "replace"), body[end + 1 :]
