"""The keys of an election."""

from typing import Protocol


class Vault(Protocol):
    """Seals and digests, each for a named purpose (`core.adapters.key_vault`)."""

    def seal(self, purpose: str, clear: bytes, *, context: bytes) -> bytes:
        """Encrypt and authenticate; `context` must be given again to open."""

    def open(self, purpose: str, sealed: bytes, *, context: bytes) -> bytes | None:
        """Return the clear bytes, or None if they were not sealed with that purpose and context."""

    def digest(self, purpose: str, clear: bytes) -> bytes:
        """Return a keyed digest of 32 bytes, which never changes."""

    def sign(self, purpose: str, clear: bytes) -> bytes:
        """Return an Ed25519 signature (RFC 8032); its key never changes."""

    def public_key(self, purpose: str) -> bytes:
        """Return the public key for `sign`, of 32 bytes."""
