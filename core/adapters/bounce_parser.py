"""Parses bounced mails: the addresses they were delivered to, and the reason of the failure.

A delivery status notification is a multipart/report (RFC 6522 §3) with a text, a message/delivery-status (RFC 3464
§2.1) and the returned mail or its headers. flufl.bounce recognises other bounces.
"""

import logging
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.parser import BytesHeaderParser
from typing import BinaryIO

from flufl.bounce import all_failures

from core.delivery.bounce_recording import BounceNotice
from core.text.faces.bounce_sentences import BounceReason

LONGEST = 256 * 1024
"""Bytes read. The returned mail is at the end and may be cut off, because the status comes before it."""
LONGEST_TO_RECOGNISE = 32 * 1024
"""Non-standard bounces state the failure first. The library's patterns take seconds on much longer mails."""
LONGEST_LINE = 998
"""RFC 5322 §2.1.1. Longer lines are cut, also to limit the library's running time."""
DRAINED_AT_ONCE = 64 * 1024
DELIVERED_TO = ("Delivered-To", "X-Original-To", "Envelope-To")
"""Headers with the envelope recipient, as written by Postfix, Exim and qmail."""
BETWEEN_ADDRESSES = re.compile(r"[\s,<>]+")

FAILED = ("failed", "error")
"""RFC 3464 §2.3.3. OpenSMTPD writes "error"."""
DELAYED = "delayed"
CODE = re.compile(r"\s*(?:[\w-]+\s*;\s*[45]\d\d[ -]#?)?([245])\.(\d{1,3})\.(\d{1,3})(?!\d)", re.ASCII)
"""A status of RFC 3463 §2, alone in Status (RFC 3464 §2.3.4) or after the reply quoted in Diagnostic-Code (§2.3.6)."""
SENDER_MAILBOX, SENDER_SYSTEM = 7, 8

log = logging.getLogger("retrouve")
logging.getLogger("flufl.bounce").addHandler(logging.NullHandler())  # its messages may quote the mail


@dataclass(frozen=True, slots=True)
class BounceMailParser:
    """Implements `ReturnedMailToParse`. `recipients` are the delivery addresses if the server gives them."""

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
        except Exception as stumbled:  # noqa: BLE001  # a mail may be crafted to crash the parser
            log.warning("returned-mail-unreadable", extra={"error": type(stumbled).__name__})
            return None


def read_mail_beginning(stream: BinaryIO) -> bytes:
    """Read the beginning of a mail and discard the rest. The server would retry if it could not write everything."""
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
    """Yield the parts of a mail, except those inside attached mails."""
    yield message
    if message.get_content_maintype() == "multipart":
        for part in _inside(message):
            yield from _parts(part)


def _inside(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [each for each in payload if isinstance(each, Message)] if isinstance(payload, list) else []


def _recipients(part: Message) -> list[Message]:
    """Return the field groups of recipients, which have the mandatory Action (RFC 3464 §2.3.3)."""
    if part.get_content_type() != "message/delivery-status":
        return []
    return [block for block in _inside(part) if _field(block, "Action")]


def _recognised(raw: bytes) -> BounceReason | None:
    late, failed = all_failures(message_from_bytes(_within_bounds(raw, LONGEST_TO_RECOGNISE)))
    if failed:
        return BounceReason.OTHER
    return BounceReason.DELAYED if late else None


def _classified(block: Message, *, late: bool) -> BounceReason:
    """Classify by subject and detail of the status (RFC 3463 §3). The Action is more reliable than its class."""
    match _status(block):
        case (_, 2, 2):
            return BounceReason.MAILBOX_FULL
        case _ if late:
            return BounceReason.DELAYED
        case (_, 1, detail) if detail not in {SENDER_MAILBOX, SENDER_SYSTEM}:
            return BounceReason.UNKNOWN_MAILBOX
        case (5, 4, 1):  # meant for temporary errors (§3.5), but Exchange Online uses it for unknown mailboxes
            return BounceReason.UNKNOWN_MAILBOX
        case (_, 7, _):
            return BounceReason.REFUSED_AS_SPAM
        case _:
            return BounceReason.OTHER


def _status(block: Message) -> tuple[int, int, int] | None:
    """Return the status. Exim writes 5.0.0 in Status and the real one in Diagnostic-Code."""
    found = [CODE.match(_field(block, name)) for name in ("Status", "Diagnostic-Code")]
    codes = [(int(code[1]), int(code[2]), int(code[3])) for code in found if code is not None]
    return next((code for code in codes if code[1:] != (0, 0)), None)


def _field(block: Message, name: str) -> str:
    return str(block.get(name, "")).strip().lower()


def _message_id(message: Message) -> str:
    """Return the Message-ID of the returned mail or headers (RFC 6522 §4), else the bounce's In-Reply-To."""
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
