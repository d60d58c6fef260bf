"""Writes and signs checkpoints of the journal. `core.journal.verifier` reads them.

The signature covers the statement's bytes: seven lines of ASCII, each ended by a line feed.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from core.journal.verifier import CheckpointStatement, parse_statement
from core.ports import CHECKPOINT_CASES, Checkpoint, JournalChain, JournalLine

HALF_SIGNATURE = 64
"""The signature is split into two lines, because mail programs break longer ones."""


def make_checkpoint(
    *, election: str, number: int, lines: int, made: datetime, digest: bytes, key: bytes, sign: Callable[[bytes], bytes]
) -> Checkpoint:
    """Make a checkpoint. `election` is its site and contains no space; `made` is truncated to the second."""
    said = CheckpointStatement(
        election=election, number=number, lines=lines, made=statement_time(made), digest=digest, key=key
    ).text()
    return Checkpoint(number, said, sign(said.encode()))


def statement_time(moment: datetime) -> str:
    """Return a time in the format of statements. The strings sort in the order of time."""
    return moment.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")


def checkpoint_lines(checkpoint: Checkpoint) -> tuple[str, ...]:
    signature = checkpoint.signature.hex()
    return (*checkpoint.statement.splitlines(), "signature", signature[:HALF_SIGNATURE], signature[HALF_SIGNATURE:])


def checkpoint_statement_of(checkpoint: Checkpoint) -> CheckpointStatement:
    """Return a stored checkpoint's content. Raises ValueError if it was changed."""
    statement = parse_statement(checkpoint.statement)
    if statement is None:
        raise ValueError("a stored checkpoint is not one of ours", checkpoint.number)
    return statement


def newly_attested_reported_events(chain: JournalChain, statement: CheckpointStatement) -> list[JournalLine]:
    """Return the interventions and alarms that this checkpoint attests and the previous one does not."""
    before = next(filter(None, map(chain.checkpoint, range(statement.number - 1, 0, -1))), None)
    said = None if before is None else parse_statement(before.statement)
    first = 0 if said is None else said.lines  # after a tampered checkpoint, attest everything again
    return [line for _, line in chain.sealed_interventions_and_alarms(after=first, until=statement.lines)]


def case_number_of_checkpoint(number: int) -> str:
    """Return the case number of a checkpoint's mail, used by the courier and for bounces."""
    return f"{CHECKPOINT_CASES}{number:04}"


def checkpoint_number_of_case(case: str) -> int | None:
    """Return the checkpoint's number, or None for a voter's case."""
    number = case.removeprefix(CHECKPOINT_CASES)
    return int(number) if number != case and number.isdecimal() else None
