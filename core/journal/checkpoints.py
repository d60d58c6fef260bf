"""Makes and signs checkpoints. `core.journal.verifier` parses and verifies them."""

from collections.abc import Callable
from datetime import UTC, datetime

from core.journal.verifier import CheckpointStatement, parse_statement
from core.ports import CHECKPOINT_CASES, Checkpoint, JournalChain, JournalLine

HALF_SIGNATURE = 64
"""Number of characters in half a signature. Each half is written on its own line."""


def make_checkpoint(
    *, election: str, number: int, lines: int, made: datetime, digest: bytes, key: bytes, sign: Callable[[bytes], bytes]
) -> Checkpoint:
    """Make and sign a checkpoint. `election` is the web address of the site."""
    text = CheckpointStatement(
        election=election, number=number, lines=lines, made=statement_time(made), digest=digest, key=key
    ).text()
    return Checkpoint(number, text, sign(text.encode()))


def statement_time(moment: datetime) -> str:
    """Format a time so that sorting the texts also sorts the times."""
    return moment.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")


def checkpoint_lines(checkpoint: Checkpoint) -> tuple[str, ...]:
    signature = checkpoint.signature.hex()
    return (*checkpoint.statement.splitlines(), "signature", signature[:HALF_SIGNATURE], signature[HALF_SIGNATURE:])


def checkpoint_statement_of(checkpoint: Checkpoint) -> CheckpointStatement:
    statement = parse_statement(checkpoint.statement)
    if statement is None:
        raise ValueError("the statement of a stored checkpoint is malformed", checkpoint.number)
    return statement


def newly_attested_reported_events(chain: JournalChain, statement: CheckpointStatement) -> list[JournalLine]:
    """Return the interventions and alarms since the previous checkpoint."""
    before = next(filter(None, map(chain.checkpoint, range(statement.number - 1, 0, -1))), None)
    previous = None if before is None else parse_statement(before.statement)
    after = 0 if previous is None else previous.lines  # if the previous checkpoint was tampered with, return all
    return [line for _, line in chain.sealed_interventions_and_alarms(after=after, until=statement.lines)]


def case_number_of_checkpoint(number: int) -> str:
    return f"{CHECKPOINT_CASES}{number:04}"


def checkpoint_number_of_case(case: str) -> int | None:
    """Return the number of the checkpoint that has this case number. Returns None for a voter's case."""
    number = case.removeprefix(CHECKPOINT_CASES)
    return int(number) if number != case and number.isdecimal() else None
