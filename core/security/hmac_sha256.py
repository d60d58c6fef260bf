"""HMAC-SHA-256 (RFC 2104) under one key, initialised once and copied, which is faster than `hmac.digest`.

The hmac module copies in Python and takes half as long again.
"""

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC


class HmacKey:
    """An initialised HMAC key."""

    def __init__(self, key: bytes) -> None:
        self._begun = HMAC(key, SHA256())

    def digest(self, clear: bytes) -> bytes:
        mac = self._begun.copy()
        mac.update(clear)
        return mac.finalize()
