"""The command `retrouve journal declare`, which declares that recent journal lines were lost."""

import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import click

from cli.open_services import open_services_or_exit
from cli.terminal_translation import IN_FOLDER, CommandRefused, option, say, say_error, translate_for_terminal
from core.app.services import Services
from core.journal import loss_sentences as words
from core.journal.declared_losses import FailoverOrRestoreCause, JournalLossKind
from core.journal.loss_declaration import LossDeclarationRefused, NewLossDeclaration
from core.journal.sentences import FILE_UNREADABLE, FILE_WITHOUT_CHECKPOINT
from core.journal.verifier import CheckpointStatement, LossDeclaration, find_checkpoints, text_of_mail
from core.security import key_purposes
from core.security.key_roles import ProgramKeyRole

EXISTING_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
Outside = tuple[tuple[CheckpointStatement, bytes], ...]


def checkpoints_in(files: Iterable[Path]) -> Outside:
    """Read the electoral board's checkpoints. Exits with status 2 if a file contains no checkpoint."""
    return tuple(each for file in files for each in _checkpoints_in(file))


def _checkpoints_in(file: Path) -> Outside:
    try:
        found = find_checkpoints(text_of_mail(file.read_bytes()))
    except OSError as failure:
        say_error(FILE_UNREADABLE, path=str(file), detail=failure.strerror)
        sys.exit(2)
    if not found:
        say_error(FILE_WITHOUT_CHECKPOINT, path=str(file))
        sys.exit(2)
    return found


CAUSES = [each.value for each in FailoverOrRestoreCause]
CAUSE_HELP = words.CAUSE_HELP.fill(
    {"causes": ", ".join(f"{each.value} ({translate_for_terminal(each.sentence)})" for each in FailoverOrRestoreCause)}
)


@click.command(help=translate_for_terminal(words.DECLARE_HELP))
@click.argument("kind", type=click.Choice([each.value for each in JournalLossKind]))
@option("--cause", type=click.Choice(CAUSES), required=True, help=CAUSE_HELP)
@option("--when", required=True, help=words.WHEN_HELP)
@option("--checkpoint", "files", multiple=True, required=True, type=EXISTING_FILE, help=words.BOARD_CHECKPOINT_HELP)
@IN_FOLDER
def declare(kind: str, cause: str, when: str, files: tuple[Path, ...], directory: Path) -> None:
    outside = checkpoints_in(files)
    services = open_services_or_exit(directory, ProgramKeyRole.OPERATOR)
    happened = _parse_moment(when, services)
    loss = NewLossDeclaration(
        kind=JournalLossKind(kind), cause=FailoverOrRestoreCause(cause), happened=happened, outside=outside
    )
    try:
        declared = declare_loss(services, loss)
    except LossDeclarationRefused as refused:
        raise CommandRefused(refused.sentence) from None
    say(
        *words.sentences_of_declared_loss(declared, services.dependencies.calendar.to_local),
        *words.NOT_KNOWN,
        words.DONE,
    )


def declare_loss(services: Services, loss: NewLossDeclaration) -> LossDeclaration:
    """Record in the journal that journal lines were lost. Raises LossDeclarationRefused."""
    key, now = services.dependencies.vault.public_key(key_purposes.JOURNAL), services.dependencies.clock.now()
    with services.dependencies.store.write() as transaction:
        return loss.declare(transaction, key=key, now=now)


def _parse_moment(when: str, services: Services) -> datetime:
    """Parse a date and time. Without a UTC offset, the election's time zone applies. Raises BadParameter."""
    try:
        written = datetime.fromisoformat(when)
        local = written if written.tzinfo is not None else written.replace(tzinfo=services.dependencies.calendar.zone)
        return local.astimezone(UTC)
    except (ValueError, OverflowError):  # the first hour of the year 1 has no UTC equivalent
        raise click.BadParameter(translate_for_terminal(words.WHEN_UNREADABLE), param_hint="--when") from None
