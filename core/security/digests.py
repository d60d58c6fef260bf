"""Keyed digests of personal data, and the voters' pseudonyms on the voting platform."""

import hmac
from datetime import date
from typing import Final

from core.ports import Vault
from core.security import key_purposes

CLAIM_SYMBOLS = 32


def numen_digest(vault: Vault, numen: str) -> bytes:
    """Return the digest of a cleaned NUMEN."""
    return vault.digest(key_purposes.NUMEN, numen.encode())


def birth_date_digest(vault: Vault, birth_date: date, numen: str) -> bytes:
    """Return the digest of a date and its owner's NUMEN: equal digests of 30,000 dates alone would reveal them."""
    return vault.digest(key_purposes.BIRTH_DATE, f"{birth_date.isoformat()} {numen}".encode())


def phone_digest(vault: Vault, phone: str) -> bytes:
    """Return the digest of a cleaned telephone number."""
    return vault.digest(key_purposes.PHONE, phone.encode())


def phone_claim_digest(vault: Vault, voter: int, phone: bytes) -> str:
    """Return the keyed digest by which the journal knows a claimed number, given the number's own digest."""
    return vault.digest(key_purposes.CREDENTIAL_DIGEST, f"{voter} phone {phone.hex()}".encode()).hex()[:CLAIM_SYMBOLS]


KEY_MARK_BYTES: Final = 4
"""Bytes of a key's mark. Another key has the same mark once in four thousand million."""


class RollImportedUnderOtherKey(Exception):
    """The roll was imported under another key of the platform and must be imported again."""


class PlatformPseudonyms:
    """The pseudonyms under the key shared with the platform.

    A pseudonym is made at import, because the NUMEN is not kept, and is stored after a mark of its key. One of another key is
    never sent.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key
        self.mark = hmac.digest(key, b"pseudonyms", "sha256")[:KEY_MARK_BYTES]
        """The prefix of stored pseudonyms."""

    def stored_pseudonym(self, numen: str) -> bytes:
        """Return the pseudonym of a cleaned NUMEN as the roll stores it."""
        return self.mark + hmac.digest(self._key, b"voter\0" + numen.encode(), "sha256")

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
        return stored[KEY_MARK_BYTES:].hex()
