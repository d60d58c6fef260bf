"""Speaks SMTP for one message, and decides what each reply means.

Which replies speak of the message and which of the relay is decided in `_require`, and nowhere else.
"""

import re
import smtplib
from collections.abc import Sequence
from dataclasses import dataclass

from core.adapters.provider_failover import (
    MessagePostponedByProvider,
    PermanentProviderRefusal,
    ProviderConnectionLost,
    SendOutcomeUnknown,
    TemporaryProviderRefusal,
)
from core.ports import ComposedMail

INTERMEDIATE = 3
"""The hundred of "go on" (RFC 5321 §4.2.1)."""
TRY_LATER = 400
SERVICE_CLOSING = 421
FOR_GOOD = 500
ABOUT_THE_SESSION = frozenset({500, 502, 503, 504, 530, 534, 535, 538})
"""Refusals of a command, of its order or of our credentials (RFC 5321 §4.2.3, RFC 4954 §6), at whatever command."""
REASON_LENGTH = 160
WORD_LENGTH = 30
NAME_LENGTH = 3
SPEAKABLE = re.compile(r"[!-;=?-~]+")
"""Printable ASCII without a space, < or >."""
TELLTALE = re.compile(r"[@/<>]|%40|=40", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SmtpCommand:
    """A command, the hundred of the reply that allows the next one, and whether another reply may be about the message."""

    text: str
    hundreds: int = 2
    of_the_message: bool = True


RESET = SmtpCommand("RSET", of_the_message=False)


def reset_session(smtp: smtplib.SMTP) -> None:
    """Clear a connection between two mails; this proves that it still stands. Raises OSError, TemporaryProviderRefusal."""
    _take(smtp, [RESET])


def send_message(smtp: smtplib.SMTP, envelope: ComposedMail, *, kept: bool) -> None:
    """Hand a message over. Raises PermanentProviderRefusal, TemporaryProviderRefusal, SendOutcomeUnknown, OSError.

    A connection `kept` from another mail is cleared first.
    """
    commands = [
        SmtpCommand(f"MAIL FROM:<{envelope.sender}>", of_the_message=False),  # the same for every message
        SmtpCommand(f"RCPT TO:<{envelope.recipient}>"),
        SmtpCommand("DATA", INTERMEDIATE),
    ]
    _take(smtp, [RESET, *commands] if kept else commands)
    smtp.send(_as_data(envelope.content))
    try:
        answer = smtp.getreply()
    except OSError:
        raise SendOutcomeUnknown from None
    _require(answer, 2)


def _take(smtp: smtplib.SMTP, commands: Sequence[SmtpCommand]) -> None:
    """Give the commands, all at once to a relay that supports PIPELINING (RFC 2920), and check each reply."""
    at_once = smtp.has_extn("pipelining")
    if at_once:
        smtp.send("".join(f"{command.text}\r\n" for command in commands))
    replies = (smtp.getreply() if at_once else smtp.docmd(command.text) for command in commands)
    for command, reply in zip(commands, replies, strict=False):
        try:
            _require_command(command, reply)
        except ProviderConnectionLost:
            raise
        except (PermanentProviderRefusal, TemporaryProviderRefusal):
            if at_once:
                _take_back(smtp, [code for code, _ in replies])
            raise


def _take_back(smtp: smtplib.SMTP, codes: Sequence[int]) -> None:
    """End the data at once for a relay that accepts DATA although it refused the recipient (RFC 2920 §3.1)."""
    if codes and codes[-1] // 100 == INTERMEDIATE:
        smtp.send(".\r\n")
        smtp.getreply()


def _require_command(command: SmtpCommand, reply: tuple[int, bytes]) -> None:
    """Check a reply; a connection that cannot even be cleared counts as lost."""
    try:
        _require(reply, command.hundreds, of_the_message=command.of_the_message)
    except TemporaryProviderRefusal as refused:
        if command is RESET:
            raise ProviderConnectionLost(str(refused)) from None
        raise


def _require(reply: tuple[int, bytes], hundreds: int, *, of_the_message: bool = True) -> None:
    """Check that the reply is of that hundred. Raises PermanentProviderRefusal, MessagePostponedByProvider, TemporaryProviderRefusal, ProviderConnectionLost."""
    code, _ = reply
    if code // 100 == hundreds:
        return
    words = _words(reply)
    if code == SERVICE_CLOSING or code < TRY_LATER:
        # Below 400 it is not the reply to what was said: nothing more can be trusted.
        raise ProviderConnectionLost(words)
    if not of_the_message or code in ABOUT_THE_SESSION:
        raise TemporaryProviderRefusal(words)
    raise PermanentProviderRefusal(words) if code >= FOR_GOOD else MessagePostponedByProvider(words)


def _words(reply: tuple[int, bytes]) -> str:
    code, text = reply
    return f"{code} {text.decode(errors='replace')}"


def _as_data(content: bytes) -> bytes:
    """Double leading dots and add the final dot (RFC 5321 §4.5.2); `content` has CRLF line ends already."""
    ended = content if content.endswith(b"\r\n") else content + b"\r\n"
    dotted = ended.replace(b"\n.", b"\n..")
    return (b"." if dotted.startswith(b".") else b"") + dotted + b".\r\n"


def has_valid_smtp_addresses(envelope: ComposedMail) -> bool:
    """Return whether both addresses can stand in a command: no line break, only ASCII, nothing that ends them."""
    return all(map(SPEAKABLE.fullmatch, (envelope.sender, envelope.recipient)))


def reply_text(error: OSError) -> str:
    """Return the words of a failure; smtplib's own exceptions are OSErrors too."""
    if isinstance(error, smtplib.SMTPResponseException):
        text = error.smtp_error
        return _words((error.smtp_code, text)) if isinstance(text, bytes) else f"{error.smtp_code} {text}"
    return f"{type(error).__name__} {error}"


def redacted_reply(words: str, envelope: ComposedMail) -> str:
    """Remove from a reply what it may quote of the mail: addresses, the names in them, links, tokens."""
    local = envelope.recipient.partition("@")[0].lower()
    # Two letters are in too many words to name anyone.
    names = {name for name in re.split(r"[^a-z0-9]+", local) if len(name) >= NAME_LENGTH}
    short = [word for word in words.split() if len(word) <= WORD_LENGTH and not TELLTALE.search(word)]
    return " ".join(word for word in short if not any(name in word.lower() for name in names))[:REASON_LENGTH]
