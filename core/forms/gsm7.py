"""Encodes and decodes GSM-7, the default alphabet of SMS (3GPP TS 23.038)."""

from typing import Final

ESCAPE: Final = 0x1B
BASIC: Final = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""Basic characters of GSM-7. The position of a character is its code."""
EXTENDED: Final = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}
"""GSM-7 characters that take two codes: ESCAPE, then the character's key in this dictionary."""
CODES: Final = {
    **{character: bytes((code,)) for code, character in enumerate(BASIC) if code != ESCAPE},
    **{character: bytes((ESCAPE, code)) for code, character in EXTENDED.items()},
}


def encode(text: str) -> bytes:
    """Encode a text in GSM-7, one octet per code. Raises KeyError."""
    return b"".join(CODES[character] for character in text)


def decode(octets: bytes) -> str:
    """Decode GSM-7 as a telephone does. Unknown codes become question marks."""
    shown: list[str] = []
    codes = iter(octets)
    for code in codes:
        if code == ESCAPE:
            shown.append(EXTENDED.get(next(codes, ESCAPE), "?"))
        else:
            shown.append(BASIC[code] if code < len(BASIC) else "?")
    return "".join(shown)
