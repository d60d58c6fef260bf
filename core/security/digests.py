import hmac
from datetime import date
from typing import Final

from core.ports import Vault
from core.security import key_purposes

CLAIM_SYMBOLS = 32


def numen_digest(vault: Vault, numen: str) -> bytes:
    return vault.digest(key_purposes.NUMEN, numen.encode())


def birth_date_digest(vault: Vault, birth_date: date, numen: str) -> bytes:
    """Return the digest of a birth date, salted with the NUMEN so that it cannot be found by trying 30,000 dates."""
    return vault.digest(key_purposes.BIRTH_DATE, f"{birth_date.isoformat()} {numen}".encode())


def phone_digest(vault: Vault, phone: str) -> bytes:
    return vault.digest(key_purposes.PHONE, phone.encode())


def phone_claim_digest(vault: Vault, voter: int, phone: bytes) -> str:
    """Return the keyed digest that identifies a claimed number in the journal. `phone` is the number's own digest."""
    return vault.digest(key_purposes.CREDENTIAL_DIGEST, f"{voter} phone {phone.hex()}".encode()).hex()[:CLAIM_SYMBOLS]


KEY_MARK_BYTES: Final = 4
"""Bytes of a key's mark. Two keys share a mark with a probability of 1 in 2^32."""


class RollImportedUnderOtherKey(Exception):
    """The roll was imported under another platform key and must be imported again."""


class PlatformPseudonyms:
    """Pseudonyms derived with the key shared with the platform.

    The import derives them, because the NUMEN is not stored. Each is stored with a mark of its key, and a pseudonym of
    another key is never sent.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key
        self.mark = hmac.digest(key, b"pseudonyms", "sha256")[:KEY_MARK_BYTES]
        """Prefix of stored pseudonyms."""

    def stored_pseudonym(self, numen: str) -> bytes:
        """Return the pseudonym of a cleaned NUMEN in its stored form."""
        return self.mark + hmac.digest(self._key, b"voter\0" + numen.encode(), "sha256")

    def to_stored_pseudonym(self, pseudonym: str) -> bytes | None:
        """Return the stored form of a platform pseudonym, or None if it is malformed."""
        try:
            return self.mark + bytes.fromhex(pseudonym)
        except ValueError:
            return None

    def platform_pseudonym(self, stored: bytes) -> str:
        """Return the pseudonym in the platform's form: HMAC-SHA-256 in hexadecimal.

        Raises RollImportedUnderOtherKey.
        """
        if not stored.startswith(self.mark):
            raise RollImportedUnderOtherKey
        return stored[KEY_MARK_BYTES:].hex()
