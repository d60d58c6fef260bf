"""Adds and retires master keys, and updates the key files of the roles."""

import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from core.adapters.atomic_file_replacement import replace_files
from core.adapters.key_vault import FILE, MISSING, KeyFile, KeyFileRefused, encode_keys, read_key_file
from core.adapters.master_keys import SECRET_BYTES, MasterKey
from core.adapters.role_key_files import FOLDER_MODE, RoleKeyFile, role_file_contents, role_file_path
from core.ports import RandomSource
from core.security.key_roles import ProgramKeyRole
from core.text.faces import keys_cli_sentences as words
from core.text.text import Moment, Text

SETTLED = timedelta(minutes=1)
"""The newest key must be in use for this long before older keys can be retired."""
HIGHEST_ID = 255


class KeyChangeRefused(Exception):
    def __init__(self, *sentences: Text) -> None:
        super().__init__()
        self.sentences = sentences


def rotate_keys(path: Path, *, entropy: RandomSource, now: datetime, after: timedelta = timedelta(0)) -> MasterKey:
    """Add a master key. Programs encrypt with it once the time `after` has passed.

    Raises KeyChangeRefused or KeyFileRefused.
    """
    with locked_key_file(path) as file:
        known = read_key_file(file)
        _require_newest_keys(path.parent, known, file)
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
    """Retire all master keys except the newest. Returns the retired keys. Raises KeyChangeRefused or KeyFileRefused."""
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
    """Write the key files of all roles. Raises KeyFileRefused or OSError."""
    with locked_key_file(folder / FILE) as file:
        keys = read_key_file(file)
        _require_newest_keys(folder, keys, file)
        replace_files(role_file_contents(folder, keys), like=file, folder_mode=FOLDER_MODE)


def _require_newest_keys(folder: Path, keys: Sequence[MasterKey], path: Path) -> None:
    """Raise KeyFileRefused if a role's key file contains a newer key than the master key file contains."""
    for role in ProgramKeyRole:
        with suppress(FileNotFoundError, msgspec.DecodeError, UnicodeDecodeError):  # a damaged file is replaced
            found = msgspec.json.decode(role_file_path(folder, role).read_bytes(), type=RoleKeyFile).keys
            if found[-1].id > keys[-1].id:
                raise KeyFileRefused(words.OUTDATED_MASTER_KEY.fill({"key": found[-1].id}), path)


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
    # The master key file comes first, because a role must not have a key that it lacks.
    files = [(path, encode_keys(KeyFile(keys=list(keys)))), *role_file_contents(folder, keys)]
    try:
        replace_files(files, like=path, folder_mode=FOLDER_MODE)
    except OSError as failure:
        raise KeyChangeRefused(words.CANNOT_WRITE.fill({"path": str(path), "detail": failure.strerror})) from failure
