"""What an SMTP reply means, and what of it may be kept."""

import re
import smtplib

from core.adapters.provider_failover import (
    MessagePostponedByProvider,
    PermanentProviderRefusal,
    ProviderConnectionLost,
    TemporaryProviderRefusal,
)

Reply = tuple[int, bytes]
"""A reply as smtplib returns it: the code and the text."""
DONE = 2
"""The hundred of success (RFC 5321 §4.2.1)."""
TRY_LATER = 400
SERVICE_CLOSING = 421
FOR_GOOD = 500
ABOUT_THE_SESSION = frozenset({500, 502, 503, 504, 530, 534, 535, 538})
"""Refusals of a command, of its order or of our credentials (RFC 5321 §4.2.3, RFC 4954 §6), at whatever command."""
REASON_LENGTH = 160
WORD_LENGTH = 30
NAME_LENGTH = 3
TELLTALE = re.compile(r"[@/<>]|%40|=40", re.IGNORECASE)


def require_done(reply: Reply, *, of_the_message: bool = True) -> None:
    """Check that a reply reports success. `of_the_message` tells whether another reply may be about the message.

    Raises PermanentProviderRefusal, MessagePostponedByProvider, TemporaryProviderRefusal, ProviderConnectionLost.
    """
    code, _ = reply
    if code // 100 == DONE:
        return
    words = _words(reply)
    if code == SERVICE_CLOSING or code < TRY_LATER:
        # Below 400 it is not the reply to what was said: nothing more can be trusted.
        raise ProviderConnectionLost(words)
    if not of_the_message or code in ABOUT_THE_SESSION:
        raise TemporaryProviderRefusal(words)
    raise PermanentProviderRefusal(words) if code >= FOR_GOOD else MessagePostponedByProvider(words)


def failure_text(error: OSError) -> str:
    """Return the words of a failure; smtplib's own exceptions are OSErrors too."""
    if isinstance(error, smtplib.SMTPResponseException):
        text = error.smtp_error
        return _words((error.smtp_code, text)) if isinstance(text, bytes) else f"{error.smtp_code} {text}"
    return f"{type(error).__name__} {error}"


def redacted(words: str, recipient: str) -> str:
    """Remove from a reply what it may quote of the mail: addresses, the names in them, links, tokens."""
    local = recipient.partition("@")[0].lower()
    # Two letters are in too many words to name anyone.
    names = {name for name in re.split(r"[^a-z0-9]+", local) if len(name) >= NAME_LENGTH}
    short = [word for word in words.split() if len(word) <= WORD_LENGTH and not TELLTALE.search(word)]
    return " ".join(word for word in short if not any(name in word.lower() for name in names))[:REASON_LENGTH]


def _words(reply: Reply) -> str:
    code, text = reply
    return f"{code} {text.decode(errors='replace')}"
