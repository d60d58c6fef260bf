"""Writes, signs and parses checkpoints of the journal.

The signature is of the bytes of the statement: its seven lines in ASCII, each ended by a line feed.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from core.ports import CHECKPOINT_CASES, Checkpoint, JournalChain, JournalLine

FIRST_LINE = "retrouve-checkpoint 1"
HALF_SIGNATURE = 64
"""A signature is split into two lines, since mail programs break longer ones."""
_HEX = r"(?:[0-9a-f]\s*)"
_STATEMENT = re.compile(
    rf"retrouve-checkpoint\s+1\s+election\s+(?P<election>\S+)\s+number\s+(?P<number>\d{{1,9}})\s+lines\s+(?P<lines>\d{{1,18}})"
    rf"\s+made\s+(?P<made>\S+)\s+digest\s+(?P<digest>{_HEX}{{64}})\s*key\s+(?P<key>{_HEX}{{64}})"
    rf"\s*signature\s+(?P<signature>{_HEX}{{128}})",
    re.ASCII,
)
_QUOTE_MARKS = re.compile(r"^[>|\s]+", re.MULTILINE)
_SOFT_BREAK = re.compile(r"=\r?\n")
"""A line break that a saved mail adds (RFC 2045 §6.7); no statement holds an equals sign."""


class CheckpointStatement(msgspec.Struct, frozen=True, kw_only=True):
    """A checkpoint's content: the number of lines in the election's chain, the digest of the last, and the signing key."""

    election: str
    number: int
    lines: int
    made: str
    digest: bytes
    key: bytes

    def text(self) -> str:
        """Return the text that is signed."""
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

    def is_signed(self, signature: bytes, key: bytes) -> bool:
        """Return whether the signature is that of this statement by the key, which it names."""
        return self.key == key and is_genuine_signature(key, self.text().encode(), signature)


def make_checkpoint(
    *, election: str, number: int, lines: int, made: datetime, digest: bytes, key: bytes, sign: Callable[[bytes], bytes]
) -> Checkpoint:
    """Make a checkpoint. `election` is its site, which holds no space; `made` is truncated to the second."""
    said = CheckpointStatement(
        election=election, number=number, lines=lines, made=statement_time(made), digest=digest, key=key
    ).text()
    return Checkpoint(number, said, sign(said.encode()))


def statement_time(moment: datetime) -> str:
    """Return a moment as statements write it, so that two can be compared."""
    return moment.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")


def checkpoint_lines(checkpoint: Checkpoint) -> tuple[str, ...]:
    """Return a checkpoint's lines as they are mailed and exported."""
    signature = checkpoint.signature.hex()
    return (*checkpoint.statement.splitlines(), "signature", signature[:HALF_SIGNATURE], signature[HALF_SIGNATURE:])


def find_checkpoints(text: str) -> tuple[tuple[CheckpointStatement, bytes], ...]:
    """Find every checkpoint in a text, with its signature: a pasted or saved mail, quoted, re-wrapped, or an export.

    One that occurs twice, in both parts of a saved mail, is returned once.
    """
    plain = _QUOTE_MARKS.sub("", _SOFT_BREAK.sub("", text).replace("\u00a0", " "))
    matches = _STATEMENT.finditer(plain)
    return tuple(dict.fromkeys((_statement(match), _bytes(match["signature"])) for match in matches))


def parse_statement(statement: str) -> CheckpointStatement | None:
    """Parse a stored statement. Return None if it is not one of ours, byte for byte."""
    match = _STATEMENT.fullmatch(f"{statement}signature {'0' * 128}")
    said = None if match is None else _statement(match)
    return said if said is not None and said.text() == statement else None


def checkpoint_statement_of(checkpoint: Checkpoint) -> CheckpointStatement:
    """Return a stored checkpoint's content. Raises ValueError if somebody has changed it."""
    statement = parse_statement(checkpoint.statement)
    if statement is None:
        raise ValueError("a stored checkpoint is not one of ours", checkpoint.number)
    return statement


def is_genuine_signature(key: bytes, signed: bytes, signature: bytes) -> bool:
    """Return whether the Ed25519 signature (RFC 8032) of those bytes was made with that public key's private key."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, signed)
    except (InvalidSignature, ValueError):  # ValueError: no key, or no signature by its length
        return False
    return True


def newly_attested_reported_events(chain: JournalChain, statement: CheckpointStatement) -> list[JournalLine]:
    """Return the interventions and alarms that a checkpoint attests and the one before does not."""
    before = next(filter(None, map(chain.checkpoint, range(statement.number - 1, 0, -1))), None)
    said = None if before is None else parse_statement(before.statement)
    first = 0 if said is None else said.lines  # after one that somebody has spoiled, everything is attested again
    return [line for _, line in chain.sealed_interventions_and_alarms(after=first, until=statement.lines)]


def case_number_of_checkpoint(number: int) -> str:
    """Return the case number of a checkpoint's mail, by which the courier and a bounce find it."""
    return f"{CHECKPOINT_CASES}{number:04}"


def checkpoint_number_of_case(case: str) -> int | None:
    """Return the number of the checkpoint, or None for a voter's case."""
    number = case.removeprefix(CHECKPOINT_CASES)
    return int(number) if number != case and number.isdecimal() else None


def _statement(match: re.Match[str]) -> CheckpointStatement:
    return CheckpointStatement(
        election=match["election"],
        number=int(match["number"]),
        lines=int(match["lines"]),
        made=match["made"],
        digest=_bytes(match["digest"]),
        key=_bytes(match["key"]),
    )


def _bytes(hexadecimal: str) -> bytes:
    return bytes.fromhex("".join(hexadecimal.split()))
