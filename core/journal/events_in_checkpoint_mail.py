"""The interventions and alarms of which the mail of a checkpoint tells the electoral board."""

from collections.abc import Iterable

from core.journal import checkpoints
from core.journal.checkpoints import CheckpointStatement
from core.journal.declared_losses import parse_declaration
from core.ports import EventType, JournalChain, JournalLine


def newly_attested_reported_events(chain: JournalChain, statement: CheckpointStatement) -> list[JournalLine]:
    """Return those that a checkpoint attests and the one before does not."""
    before = next(filter(None, map(chain.checkpoint, range(statement.number - 1, 0, -1))), None)
    first = 0 if before is None else checkpoints.attested_line_count(before)
    return [line for _, line in chain.sealed_interventions_and_alarms(after=first, until=statement.lines)]


def event_type_of_line(line: JournalLine) -> object:
    """Return the event type of a line."""
    return line.columns.get("act")


def highest_lost_checkpoint_number(lines: Iterable[JournalLine]) -> int:
    """Return the highest number of a lost checkpoint that those lines declare, or 0."""
    found = (
        parse_declaration(line.columns.get("reason"))
        for line in lines
        if event_type_of_line(line) == EventType.LOSS_DECLARED
    )
    return max((each.lost.number for each in found if each is not None), default=0)
