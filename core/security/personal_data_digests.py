"""Keyed digests of personal data. The roll and every comparison with it use these functions."""

from datetime import date

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
