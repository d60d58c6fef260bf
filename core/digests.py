"""How what identifies a person is digested. Whoever compares a person's answers with the roll must use these."""

from datetime import date

from core import purposes
from core.ports import Vault


def numen_digest(vault: Vault, numen: str) -> bytes:
    """Of a cleaned NUMEN."""
    return vault.digest(purposes.NUMEN, numen.encode())


def birth_date_digest(vault: Vault, birth_date: date, numen: str) -> bytes:
    """Of a date with its owner's NUMEN: 30,000 dates would be found again by counting equal digests."""
    return vault.digest(purposes.BIRTH_DATE, f"{birth_date.isoformat()} {numen}".encode())


def phone_digest(vault: Vault, phone: str) -> bytes:
    """Of a cleaned telephone number."""
    return vault.digest(purposes.PHONE, phone.encode())
