from typing import Protocol


class Vault(Protocol):
    """Encrypts, digests and signs with one key for each purpose (`core.adapters.key_vault`)."""

    def seal(self, purpose: str, clear: bytes, *, context: bytes) -> bytes:
        """Encrypt and authenticate. `open` needs the same `context`."""

    def open(self, purpose: str, sealed: bytes, *, context: bytes) -> bytes | None:
        """Return the clear bytes, or None if they were not sealed for that purpose and context."""

    def digest(self, purpose: str, clear: bytes) -> bytes:
        """Return a keyed digest of 32 bytes. Its key never changes."""

    def sign(self, purpose: str, clear: bytes) -> bytes:
        """Return an Ed25519 signature (RFC 8032). Its key never changes."""

    def public_key(self, purpose: str) -> bytes:
        """Return the public key for `sign`, 32 bytes."""
