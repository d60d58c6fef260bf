import hmac
from datetime import date
from typing import Final

from core.ports import Vault
from core.security import key_purposes

CLAIM_SYMBOLS = 32


def numen_digest(vault: Vault, numen: str) -> bytes:
    return vault.digest(key_purposes.NUMEN, numen.encode())


def birth_date_digest(vault: Vault, birth_date: date, numen: str) -> bytes:
    """Return a digest of a birth date and a NUMEN. A digest of the birth date alone could be guessed."""
    return vault.digest(key_purposes.BIRTH_DATE, f"{birth_date.isoformat()} {numen}".encode())


def phone_digest(vault: Vault, phone: str) -> bytes:
    return vault.digest(key_purposes.PHONE, phone.encode())


def phone_claim_digest(vault: Vault, voter: int, phone: bytes) -> str:
    """Convert a phone number's digest from the database to the digest for the journal."""
    return vault.digest(key_purposes.CREDENTIAL_DIGEST, f"{voter} phone {phone.hex()}".encode()).hex()[:CLAIM_SYMBOLS]


KEY_MARK_BYTES: Final = 4
"""A stored pseudonym starts with this many bytes, which identify the platform key."""


class RollImportedUnderOtherKey(Exception):
    """Raised when the roll was imported with another platform key."""


class PlatformPseudonyms:
    """Derives voters' pseudonyms from the key that is shared with the voting platform."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self.mark = hmac.digest(key, b"pseudonyms", "sha256")[:KEY_MARK_BYTES]

    def stored_pseudonym(self, numen: str) -> bytes:
        return self.mark + hmac.digest(self._key, b"voter\0" + numen.encode(), "sha256")

    def to_stored_pseudonym(self, pseudonym: str) -> bytes | None:
        try:
            return self.mark + bytes.fromhex(pseudonym)
        except ValueError:
            return None

    def platform_pseudonym(self, stored: bytes) -> str:
        """Convert a stored pseudonym to the platform's hexadecimal form. Raises RollImportedUnderOtherKey."""
        if not stored.startswith(self.mark):
            raise RollImportedUnderOtherKey
        return stored[KEY_MARK_BYTES:].hex()
