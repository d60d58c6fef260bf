"""Interprets SMTP replies, and redacts them for the journal."""

import re
import smtplib

from core.adapters.provider_failover import (
    MessagePostponedByProvider,
    PermanentProviderRefusal,
    ProviderConnectionLost,
    TemporaryProviderRefusal,
)

Reply = tuple[int, bytes]
"""A reply of smtplib: code and text."""
DONE = 2
"""First digit of success (RFC 5321 §4.2.1)."""
TRY_LATER = 400
SERVICE_CLOSING = 421
FOR_GOOD = 500
ABOUT_THE_SESSION = frozenset({500, 502, 503, 504, 530, 534, 535, 538})
"""Refusals of a command, its order or our credentials (RFC 5321 §4.2.3, RFC 4954 §6)."""
REASON_LENGTH = 160
WORD_LENGTH = 30
NAME_LENGTH = 3
TELLTALE = re.compile(r"[@/<>]|%40|=40", re.IGNORECASE)


def require_done(reply: Reply, *, of_the_message: bool = True) -> None:
    """Check that a reply reports success. `of_the_message` says whether a refusal may be due to the message.

    Raises PermanentProviderRefusal, MessagePostponedByProvider, TemporaryProviderRefusal, ProviderConnectionLost.
    """
    code, _ = reply
    if code // 100 == DONE:
        return
    words = _words(reply)
    if code == SERVICE_CLOSING or code < TRY_LATER:
        # A code below 400 is out of sequence, so the connection cannot be trusted any more.
        raise ProviderConnectionLost(words)
    if not of_the_message or code in ABOUT_THE_SESSION:
        raise TemporaryProviderRefusal(words)
    raise PermanentProviderRefusal(words) if code >= FOR_GOOD else MessagePostponedByProvider(words)


def failure_text(error: OSError) -> str:
    """Return the text of a failure. smtplib's exceptions are OSErrors too."""
    if isinstance(error, smtplib.SMTPResponseException):
        text = error.smtp_error
        return _words((error.smtp_code, text)) if isinstance(text, bytes) else f"{error.smtp_code} {text}"
    return f"{type(error).__name__} {error}"


def redacted(words: str, recipient: str) -> str:
    """Remove what a reply may quote from the mail: addresses, names in them, links, tokens."""
    local = recipient.partition("@")[0].lower()
    # Strings of two letters are too common to identify a person.
    names = {name for name in re.split(r"[^a-z0-9]+", local) if len(name) >= NAME_LENGTH}
    short = [word for word in words.split() if len(word) <= WORD_LENGTH and not TELLTALE.search(word)]
    return " ".join(word for word in short if not any(name in word.lower() for name in names))[:REASON_LENGTH]


def _words(reply: Reply) -> str:
    code, text = reply
    return f"{code} {text.decode(errors='replace')}"
