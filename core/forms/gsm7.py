"""Encodes and decodes GSM-7, the default alphabet of SMS (3GPP TS 23.038)."""

from typing import Final

ESCAPE: Final = 0x1B
BASIC: Final = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The basic characters of GSM-7. The code of a character is its index in this string."""
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
"""Characters that take two codes: the escape code, then the code given here."""
CODES: Final = {
    **{character: bytes((code,)) for code, character in enumerate(BASIC) if code != ESCAPE},
    **{character: bytes((ESCAPE, code)) for code, character in EXTENDED.items()},
}


def encode(text: str) -> bytes:
    """Encode a text with one octet for each code, as in SMPP. Raises KeyError for a character outside the alphabet."""
    return b"".join(CODES[character] for character in text)


def decode(octets: bytes) -> str:
    """Decode an SMS as a telephone does. An unknown code becomes a question mark."""
    shown: list[str] = []
    codes = iter(octets)
    for code in codes:
        if code == ESCAPE:
            shown.append(EXTENDED.get(next(codes, ESCAPE), "?"))
        else:
            shown.append(BASIC[code] if code < len(BASIC) else "?")
    return "".join(shown)
