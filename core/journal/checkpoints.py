"""A checkpoint as the board reads it, as it is signed, and as it is found again in whatever it was pasted into.

Signed are the bytes of the statement: its seven lines in ASCII, each ended by a line feed.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from core.ports import CHECKPOINT_CASES, Checkpoint

FIRST_LINE = "retrouve-checkpoint 1"
HALF_SIGNATURE = 64
"""A signature is shown on two lines: mail programs break longer ones."""
_HEX = r"(?:[0-9a-f]\s*)"
_STATEMENT = re.compile(
    rf"retrouve-checkpoint\s+1\s+election\s+(?P<election>\S+)\s+number\s+(?P<number>\d{{1,9}})\s+lines\s+(?P<lines>\d{{1,18}})"
    rf"\s+made\s+(?P<made>\S+)\s+digest\s+(?P<digest>{_HEX}{{64}})\s*key\s+(?P<key>{_HEX}{{64}})"
    rf"\s*signature\s+(?P<signature>{_HEX}{{128}})",
    re.ASCII,
)
_QUOTE_MARKS = re.compile(r"^[>|\s]+", re.MULTILINE)
_SOFT_BREAK = re.compile(r"=\r?\n")
"""Where a saved mail goes on in the next line (RFC 2045 §6.7); no statement holds an equals sign."""


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """What a checkpoint says: how many lines the chain of that election had then, the digest of the last, who signs."""

    election: str
    number: int
    lines: int
    made: str
    digest: bytes
    key: bytes

    def text(self) -> str:
        """The words that are signed."""
        said = (
            FIRST_LINE,
            f"election {self.election}",
            f"number {self.number}",
            f"lines {self.lines}",
            f"made {self.made}",
            f"digest {self.digest.hex()}",
            f"key {self.key.hex()}",
        )
        return "".join(f"{line}\n" for line in said)


def make(
    *, election: str, number: int, lines: int, made: datetime, digest: bytes, key: bytes, sign: Callable[[bytes], bytes]
) -> Checkpoint:
    """A new checkpoint. `election` is its site, which holds no space; `made` is told to the second."""
    second = made.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")
    said = Statement(election=election, number=number, lines=lines, made=second, digest=digest, key=key).text()
    return Checkpoint(number, said, sign(said.encode()))


def shown(checkpoint: Checkpoint) -> tuple[str, ...]:
    """Its lines as they are mailed and exported."""
    signature = checkpoint.signature.hex()
    return (*checkpoint.statement.splitlines(), "signature", signature[:HALF_SIGNATURE], signature[HALF_SIGNATURE:])


def found(text: str) -> tuple[tuple[Statement, bytes], ...]:
    """Every checkpoint in a text, with its signature: a pasted or saved mail, quoted, re-wrapped, or an export.

    One that stands there twice, in both parts of a saved mail, is one.
    """
    plain = _QUOTE_MARKS.sub("", _SOFT_BREAK.sub("", text).replace("\u00a0", " "))
    matches = _STATEMENT.finditer(plain)
    return tuple(dict.fromkeys((_statement(match), _bytes(match["signature"])) for match in matches))


def read(statement: str) -> Statement | None:
    """What a stored statement says; None if it is not one of ours, byte for byte."""
    match = _STATEMENT.fullmatch(f"{statement}signature {'0' * 128}")
    said = None if match is None else _statement(match)
    return said if said is not None and said.text() == statement else None


def said(checkpoint: Checkpoint) -> Statement:
    """What one of ours says. Raises ValueError for one that somebody has changed."""
    statement = read(checkpoint.statement)
    if statement is None:
        raise ValueError("a stored checkpoint is not one of ours", checkpoint.number)
    return statement


def case_of(number: int) -> str:
    """The case of a checkpoint's mail, by which its parcel finds it and a bounce is known."""
    return f"{CHECKPOINT_CASES}{number:04}"


def number_of(case: str) -> int | None:
    """Which checkpoint that is; None for a voter's case."""
    number = case.removeprefix(CHECKPOINT_CASES)
    return int(number) if number != case and number.isdecimal() else None


def _statement(match: re.Match[str]) -> Statement:
    return Statement(
        election=match["election"],
        number=int(match["number"]),
        lines=int(match["lines"]),
        made=match["made"],
        digest=_bytes(match["digest"]),
        key=_bytes(match["key"]),
    )


def _bytes(hexadecimal: str) -> bytes:
    return bytes.fromhex("".join(hexadecimal.split()))
