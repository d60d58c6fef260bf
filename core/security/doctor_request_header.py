"""The HTTP header that identifies requests from the command `retrouve doctor`."""

from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Final

from core.ports import Vault
from core.security import key_purposes

HEADER: Final = "X-Retrouve-Doctor"
SEEN: Final = "seen"
VALID: Final = timedelta(minutes=5)


def doctor_header(vault: Vault, now: datetime) -> str:
    """Return the header's content: the time and a keyed digest."""
    moment = str(round(now.timestamp()))
    return f"{moment}.{_digest(vault, moment)}"


def is_from_doctor(vault: Vault, header: str | None, now: datetime) -> bool:
    """Return whether the header is genuine and at most five minutes old."""
    moment, _, digest = (header or "").partition(".")
    if not moment.isascii() or not moment.isdigit() or not digest.isascii():
        return False
    return abs(now.timestamp() - int(moment)) <= VALID.total_seconds() and compare_digest(
        _digest(vault, moment), digest
    )


def _digest(vault: Vault, moment: str) -> str:
    return vault.digest(key_purposes.THROTTLE, b"doctor|" + moment.encode()).hex()
