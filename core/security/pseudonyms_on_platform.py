"""Voters' pseudonyms on the voting platform, which both sides derive from the roll's NUMEN.

A pseudonym is made at import, since the NUMEN is not kept, and is stored after a mark of its key; one of another key is never
sent.
"""

from typing import Final

from core.security.hmac_sha256 import HmacKey

MARK_BYTES: Final = 4
"""Bytes of the mark. Another key has the same mark once in four thousand million."""


class RollImportedUnderOtherKey(Exception):
    """The roll was imported under another key of the platform and must be imported again."""


class PlatformPseudonyms:
    """The pseudonyms under the key shared with the platform."""

    def __init__(self, key: bytes) -> None:
        self._mac = HmacKey(key)
        self.mark = self._mac.digest(b"pseudonyms")[:MARK_BYTES]
        """The prefix of stored pseudonyms."""

    def stored_pseudonym(self, numen: str) -> bytes:
        """Return the pseudonym of a cleaned NUMEN as the roll stores it."""
        return self.mark + self._mac.digest(b"voter\0" + numen.encode())

    def to_stored_pseudonym(self, pseudonym: str) -> bytes | None:
        """Return a pseudonym of the platform as the roll stores it, or None for what is none."""
        try:
            return self.mark + bytes.fromhex(pseudonym)
        except ValueError:
            return None

    def platform_pseudonym(self, stored: bytes) -> str:
        """Return the pseudonym as the platform knows it: HMAC-SHA-256 in hexadecimal. Raises RollImportedUnderOtherKey."""
        if not stored.startswith(self.mark):
            raise RollImportedUnderOtherKey
        return stored[MARK_BYTES:].hex()
