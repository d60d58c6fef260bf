"""HMAC-SHA-256 (RFC 2104) many times under one key: begun once and copied, faster than `hmac.digest`, which begins anew each time."""

import hmac


class Mac:
    """Under that key."""

    def __init__(self, key: bytes) -> None:
        self._begun = hmac.new(key, digestmod="sha256")

    def digest(self, clear: bytes) -> bytes:
        """Of those bytes."""
        mac = self._begun.copy()
        mac.update(clear)
        return mac.digest()
