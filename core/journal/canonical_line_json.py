r"""The hashed bytes of a line: JSON as RFC 8785 writes it (keys in order, no spaces, UTF-8, only the escapes JSON demands).

An object of `line`, its number, and of each column that has a value; moments are in UTC as RFC 3339 writes them, with six
decimals of a second or, when they are all nought, none. A column without a value is left out, so that a column added later
leaves the digests of older lines as they were. The digest of a line is the SHA-256 of the digest before it, in 64
hexadecimal digits, a line feed, and that JSON; the first has 64 noughts before it. In a shell:

    printf '%s\n%s' "$previous" "$json" | sha256sum
"""

import hashlib

import msgspec

from core.ports import JournalLine

GENESIS = bytes(32)
"""The digest before the first line."""
_ENCODER = msgspec.json.Encoder(order="sorted")


def canonical_line_bytes(line: JournalLine) -> bytes:
    """Return the bytes of a line that are hashed."""
    present = {name: value for name, value in line.columns.items() if value is not None}
    return _ENCODER.encode({**present, "line": line.number})


def chained_line_digest(previous: bytes, text: bytes) -> bytes:
    """Return the digest of a line so written, given the digest before it."""
    return hashlib.sha256(b"%b\n%b" % (previous.hex().encode(), text)).digest()
