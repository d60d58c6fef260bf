"""Read the checkpoints that the electoral board received, from files."""

import sys
from pathlib import Path

import click

from cli.terminal_translation import translate_for_terminal
from core.journal import checkpoints
from core.journal import journal_sentences as words
from core.journal.checkpoints import CheckpointStatement

CHECKPOINT_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
Outside = tuple[tuple[CheckpointStatement, bytes], ...]


def checkpoints_in(file: Path) -> Outside:
    """Return the checkpoints in a file from the board; exit with status 2 when it holds none."""
    try:
        found = checkpoints.find_checkpoints(file.read_text("utf-8", errors="replace"))
    except OSError as failure:
        click.echo(
            translate_for_terminal(words.FILE_UNREADABLE.fill({"path": str(file), "detail": failure.strerror})),
            err=True,
        )
        sys.exit(2)
    if not found:
        click.echo(translate_for_terminal(words.FILE_WITHOUT_CHECKPOINT.fill({"path": str(file)})), err=True)
        sys.exit(2)
    return found
