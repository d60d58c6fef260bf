"""The default alphabet of SMS (3GPP TS 23.038): what a text may hold, how long it is in it, and how it goes on the air."""

from typing import Final

SEGMENT_SEPTETS: Final = 160
"""In one message; a longer text is cut into several, which are paid for and may arrive apart."""
ESCAPE: Final = 0x1B
BASIC: Final = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""A character's place is its septet."""
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
"""Characters that take two septets: the escape, and this one."""
CODES: Final = {
    **{character: bytes((code,)) for code, character in enumerate(BASIC) if code != ESCAPE},
    **{character: bytes((ESCAPE, code)) for code, character in EXTENDED.items()},
}


def outside(text: str) -> str:
    """The characters that the alphabet does not have, each once: ê, ç, œ and curly quotes are among them."""
    return "".join(dict.fromkeys(character for character in text if character not in CODES))


def septets(text: str) -> int:
    """How long the text is. Raises KeyError if a character is outside the alphabet."""
    return len(encode(text))


def fits(text: str) -> bool:
    """Whether it goes as one message."""
    return not outside(text) and septets(text) <= SEGMENT_SEPTETS


def encode(text: str) -> bytes:
    """A septet an octet, as SMPP carries it. Raises KeyError if a character is outside the alphabet."""
    return b"".join(CODES[character] for character in text)


def decode(octets: bytes) -> str:
    """What a telephone shows of it; an unknown code is a question mark."""
    shown: list[str] = []
    codes = iter(octets)
    for code in codes:
        if code == ESCAPE:
            shown.append(EXTENDED.get(next(codes, ESCAPE), "?"))
        else:
            shown.append(BASIC[code] if code < len(BASIC) else "?")
    return "".join(shown)
