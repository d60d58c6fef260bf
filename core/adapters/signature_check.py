"""Checks an Ed25519 signature (RFC 8032). Signing is the vault's (`core.adapters.key_vault`)."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def is_genuine_signature(key: bytes, signed: bytes, signature: bytes) -> bool:
    """Return whether the signature of those bytes was made with that public key's private key."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, signed)
    except (InvalidSignature, ValueError):  # ValueError: no key, or no signature by its length
        return False
    return True
