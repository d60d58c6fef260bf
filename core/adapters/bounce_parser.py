"""Finds the recipient of a bounced email, and the reason for the bounce."""

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

MOST_BYTES = 256 * 1024
LONGEST_TO_RECOGNISE = 32 * 1024
"""Maximum number of bytes passed to flufl.bounce, which is slow on long emails."""
LONGEST_LINE = 998
"""Maximum length of a line in an email (RFC 5322 §2.1.1). Longer lines are cut."""
DRAINED_AT_ONCE = 64 * 1024
DELIVERED_TO = ("Delivered-To", "X-Original-To", "Envelope-To")
"""Headers that contain the address to which an email was delivered."""
BETWEEN_ADDRESSES = re.compile(r"[\s,<>]+")

FAILED = ("failed", "error")
"""Values of the Action field that report a failure: "failed" in RFC 3464, "error" in OpenSMTPD."""
DELAYED = "delayed"
CODE = re.compile(r"\s*(?:[\w-]+\s*;\s*[45]\d\d[ -]#?)?([245])\.(\d{1,3})\.(\d{1,3})(?!\d)", re.ASCII)
"""Pattern of an email status code such as 5.1.1 (RFC 3463)."""
SENDER_MAILBOX, SENDER_SYSTEM = 7, 8

log = logging.getLogger("retrouve")
logging.getLogger("flufl.bounce").addHandler(logging.NullHandler())  # its messages may quote the email


@dataclass(frozen=True, slots=True)
class BounceMailParser:
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
        except Exception as failure:  # noqa: BLE001  # a mail may be crafted to crash the parser
            log.warning("returned-mail-unreadable", extra={"error": type(failure).__name__})
            return None


def read_mail_beginning(stream: BinaryIO) -> bytes:
    """Return the first MOST_BYTES bytes of an email.

    Also reads the rest, because the mail server would otherwise deliver the email again.
    """
    head = stream.read(MOST_BYTES)
    while stream.read(DRAINED_AT_ONCE):
        pass
    return head


def _within_bounds(raw: bytes, longest: int = MOST_BYTES) -> bytes:
    return b"\n".join(line[:LONGEST_LINE] for line in raw[:longest].splitlines())


def _reason(message: Message, raw: bytes) -> BounceReason | None:
    blocks = [block for part in _parts(message) for block in _recipients(part)]
    if not blocks:
        return _recognised(raw)
    failed = [block for block in blocks if _field(block, "Action").startswith(FAILED)]
    late = [block for block in blocks if _field(block, "Action").startswith(DELAYED)]
    return next((_classified(block, late=not failed) for block in (*failed, *late)), None)


def _parts(message: Message) -> Iterator[Message]:
    yield message
    if message.get_content_maintype() == "multipart":
        for part in _inside(message):
            yield from _parts(part)


def _inside(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [each for each in payload if isinstance(each, Message)] if isinstance(payload, list) else []


def _recipients(part: Message) -> list[Message]:
    if part.get_content_type() != "message/delivery-status":
        return []
    return [block for block in _inside(part) if _field(block, "Action")]


def _recognised(raw: bytes) -> BounceReason | None:
    late, failed = all_failures(message_from_bytes(_within_bounds(raw, LONGEST_TO_RECOGNISE)))
    if failed:
        return BounceReason.OTHER
    return BounceReason.DELAYED if late else None


def _classified(block: Message, *, late: bool) -> BounceReason:
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
    found = [CODE.match(_field(block, name)) for name in ("Status", "Diagnostic-Code")]
    codes = [(int(code[1]), int(code[2]), int(code[3])) for code in found if code is not None]
    return next((code for code in codes if code[1:] != (0, 0)), None)


def _field(block: Message, name: str) -> str:
    return str(block.get(name, "")).strip().lower()


def _message_id(message: Message) -> str:
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
