"""Write an operator's intervention to the journal, which tells the electoral board."""

from pathlib import Path

from cli.open_services import open_or_exit
from cli.terminal_translation import CommandRefused
from core.ports import Actor, Durability, Event, EventType, StoreUnavailable
from core.security.roles_holding_keys import ProgramKeyRole
from core.text.faces.shared_command_sentences import NOT_IN_JOURNAL


def record_operator_intervention(directory: Path, act: EventType, reason: str | None = None) -> None:
    """Write the event of what was done. Raises CommandRefused when the database takes none."""
    services = open_or_exit(directory, ProgramKeyRole.OPERATOR)
    try:
        with services.store.write(Durability.FULL) as transaction:
            transaction.journal.write(Event(at=services.clock.now(), actor=Actor.OPERATOR, act=act, reason=reason))
    except StoreUnavailable as away:
        raise CommandRefused(NOT_IN_JOURNAL, detail=str(away)) from away
