"""Envelope senders by which a bounce finds its case (VERP), whatever the bounce says inside."""

import base64
import hmac
import re

from core.ports import Vault
from core.security import key_purposes

TAG_BYTES = 10
"""80 bits in 16 letters: a local part has 64 (RFC 5321 §4.5.3.1.1)."""
DETAIL = re.compile(r"(?P<case>[0-9a-z]{8})\.(?P<tag>[a-z2-7]{16})", re.ASCII)


class BounceAddresses:
    """Makes addresses `local+case.tag@domain`; the tag is keyed, so nobody can report a bounce for a case of their choice."""

    def __init__(self, vault: Vault, *, local: str, domain: str) -> None:
        self._vault = vault
        self._local = local
        self._domain = domain

    def address_of_case(self, number: str) -> str:
        """Return the address for bounces of that case's mails."""
        bare = number.replace("-", "").lower()
        return f"{self._local}+{bare}.{self._tag(bare)}@{self._domain}"

    def case_of(self, address: str) -> str | None:
        """Return the case, or None if we did not make that address. Mail servers may change capitals."""
        local, _, domain = address.strip().lower().rpartition("@")
        prefix, _, detail = local.partition("+")
        found = DETAIL.fullmatch(detail)
        if found is None or (prefix, domain) != (self._local.lower(), self._domain.lower()):
            return None
        bare = found["case"]
        return f"{bare[:4]}-{bare[4:]}".upper() if hmac.compare_digest(found["tag"], self._tag(bare)) else None

    def _tag(self, bare: str) -> str:
        return bounce_tag(self._vault.digest(key_purposes.BOUNCE, bare.encode()), TAG_BYTES)


def bounce_tag(digest: bytes, size: int) -> str:
    """Write the first `size` bytes in letters that survive any mail server: base32, lower case."""
    return base64.b32encode(digest[:size]).decode("ascii").rstrip("=").lower()
