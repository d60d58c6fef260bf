"""Parses a mail that came back: the addresses it was delivered to, and why the original mail did not arrive.

A delivery status notification is a multipart/report (RFC 6522 §3) of words for people, of a message/delivery-status
(RFC 3464 §2.1) and of the returned mail or its headers. Bounces of another form are recognised by flufl.bounce.
"""

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.parser import BytesHeaderParser
from typing import BinaryIO

import structlog
from flufl.bounce import all_failures

from core.delivery.bounce_recording import BounceNotice
from core.text.faces.bounce_sentences import BounceReason

LONGEST = 256 * 1024
"""A returned mail stands at the end and may be cut off: what is said of it stands before."""
LONGEST_TO_RECOGNISE = 32 * 1024
"""A bounce of no standard form begins with its bad news; the library's patterns take seconds over much longer ones."""
LONGEST_LINE = 998
"""RFC 5322 §2.1.1. Longer ones are cut, for the same reason."""
DRAINED_AT_ONCE = 64 * 1024
DELIVERED_TO = ("Delivered-To", "X-Original-To", "Envelope-To")
"""Headers in which Postfix, Exim and qmail write the envelope's recipient."""
BETWEEN_ADDRESSES = re.compile(r"[\s,<>]+")

FAILED = ("failed", "error")
"""RFC 3464 §2.3.3; OpenSMTPD says "error"."""
DELAYED = "delayed"
CODE = re.compile(r"\s*(?:[\w-]+\s*;\s*[45]\d\d[ -]#?)?([245])\.(\d{1,3})\.(\d{1,3})(?!\d)", re.ASCII)
"""A status of RFC 3463 §2, alone in Status (RFC 3464 §2.3.4) or after the reply that a Diagnostic-Code quotes (§2.3.6)."""
SENDER_MAILBOX, SENDER_SYSTEM = 7, 8

log = structlog.get_logger()
logging.getLogger("flufl.bounce").addHandler(logging.NullHandler())  # its words about a mail may quote the mail


@dataclass(frozen=True, slots=True)
class BounceMailParser:
    """The port ReturnedMail over the bytes of a mail; `recipients` are the delivery addresses, where the server gives them."""

    raw: bytes
    recipients: Sequence[str] = ()

    def addresses(self) -> Sequence[str]:
        if self.recipients:
            return self.recipients
        headers = BytesHeaderParser().parsebytes(_within_bounds(self.raw))
        written = [str(value) for name in DELIVERED_TO for value in headers.get_all(name, [])]
        return [address for value in written for address in BETWEEN_ADDRESSES.split(value) if address]

    def bounce(self) -> BounceNotice | None:
        try:
            message = message_from_bytes(_within_bounds(self.raw))
            reason = _reason(message, self.raw)
            return None if reason is None else BounceNotice(reason, _message_id(message))
        except Exception as stumbled:  # noqa: BLE001  # anyone may write such a mail, to break what reads it
            log.warning("returned-mail-unreadable", error=type(stumbled).__name__)
            return None


def read_mail_beginning(stream: BinaryIO) -> bytes:
    """Read the beginning of a mail, and drain the rest: a server that cannot write on would try again."""
    head = stream.read(LONGEST)
    while stream.read(DRAINED_AT_ONCE):
        pass
    return head


def _within_bounds(raw: bytes, longest: int = LONGEST) -> bytes:
    return b"\n".join(line[:LONGEST_LINE] for line in raw[:longest].splitlines())


def _reason(message: Message, raw: bytes) -> BounceReason | None:
    blocks = [block for part in _parts(message) for block in _recipients(part)]
    if not blocks:
        return _recognised(raw)
    failed = [block for block in blocks if _field(block, "Action").startswith(FAILED)]
    late = [block for block in blocks if _field(block, "Action").startswith(DELAYED)]
    return next((_classified(block, late=not failed) for block in (*failed, *late)), None)


def _parts(message: Message) -> Iterator[Message]:
    """Yield the parts of a mail, but not those of a mail inside it."""
    yield message
    if message.get_content_maintype() == "multipart":
        for part in _inside(message):
            yield from _parts(part)


def _inside(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [each for each in payload if isinstance(each, Message)] if isinstance(payload, list) else []


def _recipients(part: Message) -> list[Message]:
    """Return the groups of fields about a recipient: those with the mandatory Action (RFC 3464 §2.3.3)."""
    if part.get_content_type() != "message/delivery-status":
        return []
    return [block for block in _inside(part) if _field(block, "Action")]


def _recognised(raw: bytes) -> BounceReason | None:
    late, failed = all_failures(message_from_bytes(_within_bounds(raw, LONGEST_TO_RECOGNISE)))
    if failed:
        return BounceReason.OTHER
    return BounceReason.DELAYED if late else None


def _classified(block: Message, *, late: bool) -> BounceReason:
    """Classify by the subject and the detail of the status (RFC 3463 §3), whose class says less than the Action."""
    match _status(block):
        case (_, 2, 2):
            return BounceReason.MAILBOX_FULL
        case _ if late:
            return BounceReason.DELAYED
        case (_, 1, detail) if detail not in {SENDER_MAILBOX, SENDER_SYSTEM}:
            return BounceReason.UNKNOWN_MAILBOX
        case (5, 4, 1):  # "no answer from host" is only useful as temporary (§3.5); Exchange Online says it for nobody
            return BounceReason.UNKNOWN_MAILBOX
        case (_, 7, _):
            return BounceReason.REFUSED_AS_SPAM
        case _:
            return BounceReason.OTHER


def _status(block: Message) -> tuple[int, int, int] | None:
    """Read the status. Exim writes 5.0.0 in Status, and the real one in Diagnostic-Code."""
    found = [CODE.match(_field(block, name)) for name in ("Status", "Diagnostic-Code")]
    codes = [(int(code[1]), int(code[2]), int(code[3])) for code in found if code is not None]
    return next((code for code in codes if code[1:] != (0, 0)), None)


def _field(block: Message, name: str) -> str:
    return str(block.get(name, "")).strip().lower()


def _message_id(message: Message) -> str:
    """Find the Message-ID in the returned mail, in its headers alone (RFC 6522 §4), or in what the bounce says it answers."""
    for part in _parts(message):
        returned = _returned(part)
        if returned is not None:
            return _field(returned, "Message-ID")
    return _field(message, "In-Reply-To")


def _returned(part: Message) -> Message | None:
    match part.get_content_type():
        case "message/rfc822":
            return next(iter(_inside(part)), None)
        case "text/rfc822-headers":
            headers = part.get_payload(decode=True)
            return message_from_bytes(headers) if isinstance(headers, bytes) else None
        case _:
            return None
