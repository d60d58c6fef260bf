"""Adds keys to the master key file and retires old ones, and updates the role files. Each file is always complete."""

import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from core.adapters.atomic_file_replacement import replace_files
from core.adapters.key_vault import FILE, MISSING, KeyFile, KeyFileRefused, encode_keys, read_key_file
from core.adapters.master_keys import SECRET_BYTES, MasterKey
from core.adapters.role_key_files import FOLDER_MODE, role_file_contents
from core.ports import RandomSource
from core.text.faces import keys_cli_sentences as words
from core.text.text import Moment, Text

SETTLED = timedelta(minutes=1)
"""Time until every process seals with the new key and earlier sealed values are stored.

Each process checks the file every two seconds.
"""
HIGHEST_ID = 255


class KeyChangeRefused(Exception):
    """The file was not changed. `sentences` give the reason."""

    def __init__(self, *sentences: Text) -> None:
        super().__init__()
        self.sentences = sentences


def rotate_keys(path: Path, *, entropy: RandomSource, now: datetime, after: timedelta = timedelta(0)) -> MasterKey:
    """Add a key that seals after a delay of `after`. Raises KeyChangeRefused, KeyFileRefused."""
    with locked_key_file(path) as file:
        known = read_key_file(file)
        if known[-1].id == HIGHEST_ID:
            raise KeyChangeRefused(words.NO_MORE_IDS)
        added = MasterKey(
            id=known[-1].id + 1,
            secret=entropy.random_bytes(SECRET_BYTES),
            created=now,
            seals_from=now + after if after else None,
        )
        _replace(file, path.parent, (*known, added))
    return added


def retire_keys(path: Path, *, now: datetime, check: Callable[[frozenset[int]], None]) -> tuple[MasterKey, ...]:
    """Retire every key except the newest. The anchor is kept for digests. Return the retired keys.

    `check` gets their ids and raises KeyChangeRefused if one is still needed. Raises KeyChangeRefused, KeyFileRefused.
    """
    with locked_key_file(path) as file:
        known = read_key_file(file)
        ended = tuple(key for key in known[:-1] if key.retired is None)
        if not ended:
            raise KeyChangeRefused(words.NOTHING_TO_RETIRE)
        settled = max(known[-1].created, known[-1].seals_from or known[-1].created) + SETTLED
        if now < settled:
            shown = (settled + timedelta(minutes=1)).astimezone()  # times are shown without seconds
            raise KeyChangeRefused(words.TOO_EARLY.fill({"key": known[-1].id, "settled": Moment(shown)}))
        check(frozenset(key.id for key in ended))
        anchor = msgspec.structs.replace(known[0], retired=known[0].retired or now)
        _replace(file, path.parent, (anchor, known[-1]))
    return ended


def write_role_files(folder: Path) -> None:
    """Write the role files from an election's master key file. Raises KeyFileRefused, OSError."""
    with locked_key_file(folder / FILE) as file:
        replace_files(role_file_contents(folder, read_key_file(file)), like=file, folder_mode=FOLDER_MODE)


@contextmanager
def locked_key_file(path: Path) -> Iterator[Path]:
    real = path.resolve()  # keeps a symbolic link intact
    try:
        folder = os.open(real.parent, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        raise KeyFileRefused(MISSING, path) from None
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield real
    finally:
        os.close(folder)


def _replace(path: Path, folder: Path, keys: Sequence[MasterKey]) -> None:
    """Replace the master key file, then the role files, so a role file never has a key that the master file lacks."""
    files = [(path, encode_keys(KeyFile(keys=list(keys)))), *role_file_contents(folder, keys)]
    try:
        replace_files(files, like=path, folder_mode=FOLDER_MODE)
    except OSError as failure:
        raise KeyChangeRefused(words.CANNOT_WRITE.fill({"path": str(path), "detail": failure.strerror})) from failure
