"""Converts X25519 keys to the age format, and decrypts data with them."""

from pyrage import DecryptError, decrypt
from pyrage.x25519 import Identity, Recipient

BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
CHECKSUM_SYMBOLS = 6
GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def age_recipient(public: bytes) -> Recipient:
    return Recipient.from_str(_bech32("age", public))


def age_identity(secret: bytes) -> Identity:
    return Identity.from_str(_bech32("age-secret-key-", secret).upper())


def open_with(identity: Identity, sealed: bytes) -> bytes | None:
    try:
        return decrypt(sealed, [identity])
    except DecryptError:
        return None


def _bech32(prefix: str, key: bytes) -> str:
    """Encode a key in Bech32 (BIP 173)."""
    number = int.from_bytes(key, "big") << 4  # 256 bits in 52 symbols of 5 bits
    symbols = [number >> shift & 31 for shift in range(255, -1, -5)]
    expanded = [*(ord(letter) >> 5 for letter in prefix), 0, *(ord(letter) & 31 for letter in prefix)]
    checksum = _polymod([*expanded, *symbols, *[0] * CHECKSUM_SYMBOLS]) ^ 1
    symbols += [checksum >> 5 * place & 31 for place in reversed(range(CHECKSUM_SYMBOLS))]
    return f"{prefix}1{''.join(BECH32[symbol] for symbol in symbols)}"


def _polymod(values: list[int]) -> int:
    check = 1
    for value in values:
        top, check = check >> 25, (check & 0x1FFFFFF) << 5 ^ value
        for place, generator in enumerate(GENERATORS):
            check ^= generator if top >> place & 1 else 0
    return check
