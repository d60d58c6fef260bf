"""HMAC-SHA-256 (RFC 2104) many times under one key: begun once and copied, faster than `hmac.digest`, which begins anew each time.

Python's own copies its object in Python, and takes half as long again.
"""

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC


class Mac:
    """Under that key."""

    def __init__(self, key: bytes) -> None:
        self._begun = HMAC(key, SHA256())

    def digest(self, clear: bytes) -> bytes:
        """Of those bytes."""
        mac = self._begun.copy()
        mac.update(clear)
        return mac.finalize()
