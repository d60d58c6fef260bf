from typing import Protocol


class Vault(Protocol):
    """Encrypts, digests and signs data, with a different key for each purpose."""

    def seal(self, purpose: str, clear: bytes, *, context: bytes) -> bytes:
        """Encrypt and authenticate data. Decryption requires the same `context`."""

    def open(self, purpose: str, sealed: bytes, *, context: bytes) -> bytes | None:
        """Decrypt data. Returns None if the purpose or context is wrong."""

    def digest(self, purpose: str, clear: bytes) -> bytes:
        """Return a keyed digest of 32 bytes. Its key is never rotated."""

    def sign(self, purpose: str, clear: bytes) -> bytes:
        """Return an Ed25519 signature (RFC 8032). Its key is never rotated."""

    def public_key(self, purpose: str) -> bytes: ...
