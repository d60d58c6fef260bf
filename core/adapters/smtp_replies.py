"""Interprets SMTP replies, and removes personal data from them."""

import re
import smtplib

from core.adapters.provider_failover import (
    MessagePostponedByProvider,
    PermanentProviderRefusal,
    ProviderConnectionLost,
    TemporaryProviderRefusal,
)

Reply = tuple[int, bytes]
SUCCESS_DIGIT = 2
"""First digit of an SMTP reply code that means success (RFC 5321 §4.2.1)."""
TRY_LATER = 400
SERVICE_CLOSING = 421
FOR_GOOD = 500
ABOUT_THE_SESSION = frozenset({500, 502, 503, 504, 530, 534, 535, 538})
"""Reply codes that refuse the whole session, not only one message (RFC 5321 §4.2.3, RFC 4954 §6)."""
REASON_LENGTH = 160
WORD_LENGTH = 30
NAME_LENGTH = 3
PERSONAL = re.compile(r"[@/<>]|%40|=40", re.IGNORECASE)


def require_done(reply: Reply, *, of_the_message: bool = True) -> None:
    """Raise an exception unless the SMTP reply means success."""
    code, _ = reply
    if code // 100 == SUCCESS_DIGIT:
        return
    words = _words(reply)
    if code == SERVICE_CLOSING or code < TRY_LATER:
        # A code below 400 is out of sequence, so the connection cannot be trusted any more.
        raise ProviderConnectionLost(words)
    if not of_the_message or code in ABOUT_THE_SESSION:
        raise TemporaryProviderRefusal(words)
    raise PermanentProviderRefusal(words) if code >= FOR_GOOD else MessagePostponedByProvider(words)


def failure_text(error: OSError) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        text = error.smtp_error
        return _words((error.smtp_code, text)) if isinstance(text, bytes) else f"{error.smtp_code} {text}"
    return f"{type(error).__name__} {error}"


def redacted(words: str, recipient: str) -> str:
    """Remove addresses, names, links and tokens from a relay's reply."""
    local = recipient.partition("@")[0].lower()
    # Strings of two letters are too common to identify a person.
    names = {name for name in re.split(r"[^a-z0-9]+", local) if len(name) >= NAME_LENGTH}
    short = [word for word in words.split() if len(word) <= WORD_LENGTH and not PERSONAL.search(word)]
    return " ".join(word for word in short if not any(name in word.lower() for name in names))[:REASON_LENGTH]


def _words(reply: Reply) -> str:
    code, text = reply
    return f"{code} {text.decode(errors='replace')}"
