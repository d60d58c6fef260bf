"""What is said to a relay for one message, and what its replies mean.

Which replies speak of the message and which of the relay is decided in `_require`, and nowhere else.
"""

import re
import smtplib
from collections.abc import Sequence
from dataclasses import dataclass

from core.ports import Envelope

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


class ForGood(Exception):
    """The relay refused this message, and so would any other."""


class NotNow(Exception):
    """This relay cannot take the message now; another may."""


class Deferred(NotNow):
    """It said so about this very message."""


class Lost(NotNow):
    """It is not to be spoken with, and its connection is gone."""


class Unanswered(Exception):
    """The whole message was sent and no answer came: perhaps it was taken."""


@dataclass(frozen=True, slots=True)
class Step:
    """A command, the hundred of the reply that lets us go on, and whether another reply may be about the message."""

    command: str
    hundreds: int = 2
    of_the_message: bool = True


AGAIN = Step("RSET", of_the_message=False)


def begin_again(smtp: smtplib.SMTP) -> None:
    """Clears a connection between two mails; also the proof that it still stands. Raises OSError, Lost."""
    _take(smtp, [AGAIN])


def hand_over(smtp: smtplib.SMTP, envelope: Envelope, *, kept: bool) -> None:
    """Returns when the relay has taken the message. Raises ForGood, NotNow, Unanswered, OSError.

    On a connection `kept` from another mail that is cleared first. A relay that lets us (PIPELINING, RFC 2920) hears all the
    commands at once.
    """
    steps = [
        Step(f"MAIL FROM:<{envelope.sender}>", of_the_message=False),  # the same for every message
        Step(f"RCPT TO:<{envelope.recipient}>"),
        Step("DATA", INTERMEDIATE),
    ]
    take = _take_at_once if smtp.has_extn("pipelining") else _take
    take(smtp, [AGAIN, *steps] if kept else steps)
    smtp.send(_as_data(envelope.content))
    try:
        answer = smtp.getreply()
    except OSError:
        raise Unanswered from None
    _require(answer, 2)


def _take(smtp: smtplib.SMTP, steps: Sequence[Step]) -> None:
    for step in steps:
        _require_step(step, smtp.docmd(step.command))


def _take_at_once(smtp: smtplib.SMTP, steps: Sequence[Step]) -> None:
    smtp.send("".join(f"{step.command}\r\n" for step in steps))
    replies = (smtp.getreply() for _ in steps)
    try:
        for step, reply in zip(steps, replies, strict=False):
            _require_step(step, reply)
    except Lost:
        raise
    except (ForGood, NotNow):
        _take_back(smtp, [code for code, _ in replies])
        raise


def _take_back(smtp: smtplib.SMTP, codes: Sequence[int]) -> None:
    """A relay that would hear the message although it refused its recipient gets none (RFC 2920 §3.1)."""
    if codes and codes[-1] // 100 == INTERMEDIATE:
        smtp.send(".\r\n")
        smtp.getreply()


def _require_step(step: Step, reply: tuple[int, bytes]) -> None:
    """As `_require`; a connection that cannot even be cleared is not to be spoken on."""
    try:
        _require(reply, step.hundreds, of_the_message=step.of_the_message)
    except NotNow as refused:
        if step is AGAIN:
            raise Lost(str(refused)) from None
        raise


def _require(reply: tuple[int, bytes], hundreds: int, *, of_the_message: bool = True) -> None:
    """Nothing if the reply is of that hundred. Raises ForGood, Deferred, NotNow, Lost."""
    code, _ = reply
    if code // 100 == hundreds:
        return
    words = _words(reply)
    if code == SERVICE_CLOSING or code < TRY_LATER:
        raise Lost(words)  # below 400 it is not the reply to what was said: nothing more can be trusted
    if not of_the_message or code in ABOUT_THE_SESSION:
        raise NotNow(words)
    raise ForGood(words) if code >= FOR_GOOD else Deferred(words)


def _words(reply: tuple[int, bytes]) -> str:
    code, text = reply
    return f"{code} {text.decode(errors='replace')}"


def _as_data(content: bytes) -> bytes:
    """With leading dots doubled and the final dot (RFC 5321 §4.5.2); `content` has CRLF line ends already."""
    ended = content if content.endswith(b"\r\n") else content + b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", ended) + b".\r\n"


def addressable(envelope: Envelope) -> bool:
    """Whether its addresses can stand in a command: no line break, no letter outside ASCII, nothing that ends them."""
    return all(map(SPEAKABLE.fullmatch, (envelope.sender, envelope.recipient)))


def words_of(broken: OSError) -> str:
    """What a failure says; smtplib's own exceptions are OSErrors too."""
    if isinstance(broken, smtplib.SMTPResponseException):
        text = broken.smtp_error
        return f"{broken.smtp_code} {text.decode(errors='replace') if isinstance(text, bytes) else text}"
    return f"{type(broken).__name__} {broken}"


def speakable(words: str, envelope: Envelope) -> str:
    """A reply without what it may quote of the mail: addresses, the names in them, links, tokens."""
    names = _names_in(envelope.recipient)
    kept = [word for word in words.split() if not _telltale(word.lower(), names)]
    return " ".join(kept)[:REASON_LENGTH]


def _telltale(word: str, names: set[str]) -> bool:
    return len(word) > WORD_LENGTH or TELLTALE.search(word) is not None or any(name in word for name in names)


def _names_in(address: str) -> set[str]:
    """The address camille.martin@… names camille and martin; two letters are in too many words to name anyone."""
    local = address.partition("@")[0].lower()
    return {name for name in re.split(r"[^a-z0-9]+", local) if len(name) >= NAME_LENGTH}
