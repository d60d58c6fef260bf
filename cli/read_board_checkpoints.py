"""Read the checkpoints that the electoral board received, from files."""

import sys
from collections.abc import Iterable
from email import message_from_bytes
from pathlib import Path

import click

from cli.terminal_translation import say_error
from core.journal import checkpoints
from core.journal import journal_verify_and_checkpoint_sentences as words
from core.journal.checkpoints import CheckpointStatement

EXISTING_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
Outside = tuple[tuple[CheckpointStatement, bytes], ...]


def checkpoints_in(files: Iterable[Path]) -> Outside:
    """Return the checkpoints in files from the board; exit with status 2 when one holds none."""
    return tuple(each for file in files for each in _checkpoints_in(file))


def _checkpoints_in(file: Path) -> Outside:
    try:
        found = checkpoints.find_checkpoints(_text_of(file.read_bytes()))
    except OSError as failure:
        say_error(words.FILE_UNREADABLE, path=str(file), detail=failure.strerror)
        sys.exit(2)
    if not found:
        say_error(words.FILE_WITHOUT_CHECKPOINT, path=str(file))
        sys.exit(2)
    return found


def _text_of(written: bytes) -> str:
    """Return a file's text, and those of a saved mail's parts, whatever some mail server has encoded them as."""
    parts = (part for part in message_from_bytes(written).walk() if part.get_content_maintype() == "text")
    decoded = (part.get_payload(decode=True) for part in parts)
    texts = (written, *(each for each in decoded if isinstance(each, bytes)))
    return "\n".join(each.decode("utf-8", "replace").replace("\0", "") for each in texts)  # NUL: of UTF-16
