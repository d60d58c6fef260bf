"""Who a voter is to the voting platform: a name that both sides derive from the NUMEN of the roll, which nothing corrects.

It is made when the roll is imported, since the NUMEN itself is not kept, and stands there after a mark of the key it was made
with: a name made with another key is never told.
"""

from typing import Final

from core.macs import Mac

MARK_BYTES: Final = 4
"""Of the key. Another key has the same mark once in four thousand million."""


class OtherKey(Exception):
    """The roll was imported under another key of the platform: it must be imported again."""


class Pseudonyms:
    """Those under the key that we share with the platform."""

    def __init__(self, key: bytes) -> None:
        self._mac = Mac(key)
        self.mark = self._mac.digest(b"pseudonyms")[:MARK_BYTES]
        """How those kept begin."""

    def kept(self, numen: str) -> bytes:
        """Of a cleaned NUMEN, as the roll keeps it."""
        return self.mark + self._mac.digest(b"voter\0" + numen.encode())

    def told(self, kept: bytes) -> str:
        """As the platform knows the voter: HMAC-SHA-256 in hexadecimal. Raises OtherKey."""
        if not kept.startswith(self.mark):
            raise OtherKey
        return kept[MARK_BYTES:].hex()
