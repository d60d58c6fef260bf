"""Adds a key to the master key file, and takes old ones away. The file is whole at every instant."""

import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from core.adapters.keys import MISSING, SECRET_BYTES, Key, KeysRefused, read, write
from core.ports import Entropy
from core.text import Moment, Text
from core.words import keys as words

SETTLED = timedelta(minutes=1)
"""A key that has sealed for so long is the one of every process: each looks at the file every two seconds, and what was
sealed just before stands in the store by then."""
HIGHEST_ID = 255


class ChangeRefused(Exception):
    """The file is as it was; `sentences` say why."""

    def __init__(self, *sentences: Text) -> None:
        super().__init__()
        self.sentences = sentences


def rotate(path: Path, *, entropy: Entropy, now: datetime, after: timedelta = timedelta(0)) -> Key:
    """Adds a key, which seals once `after` has passed. Raises ChangeRefused, KeysRefused."""
    with locked(path) as file:
        known = read(file)
        if known[-1].id == HIGHEST_ID:
            raise ChangeRefused(words.NO_MORE_IDS)
        added = Key(
            id=known[-1].id + 1,
            secret=entropy.token(SECRET_BYTES),
            created=now,
            seals_from=now + after if after else None,
        )
        _replace(file, (*known, added))
    return added


def retire(path: Path, *, now: datetime, check: Callable[[frozenset[int]], None]) -> tuple[Key, ...]:
    """Ends every key but the newest; the anchor stays for its digests. Returns those that ended.

    `check` is given their ids and raises ChangeRefused if one is still needed. Raises ChangeRefused, KeysRefused.
    """
    with locked(path) as file:
        known = read(file)
        ended = tuple(key for key in known[:-1] if key.retired is None)
        if not ended:
            raise ChangeRefused(words.NOTHING_TO_RETIRE)
        _refuse_too_early(known[-1], now)
        check(frozenset(key.id for key in ended))
        _replace(file, _without(known, now))
    return ended


def _without(known: Sequence[Key], now: datetime) -> tuple[Key, ...]:
    anchor = known[0]
    return (msgspec.structs.replace(anchor, retired=anchor.retired or now), known[-1])


def _refuse_too_early(newest: Key, now: datetime) -> None:
    settled = max(newest.created, newest.seals_from or newest.created) + SETTLED
    if now < settled:
        shown = (settled + timedelta(minutes=1)).astimezone()  # moments are shown without their seconds
        raise ChangeRefused(words.TOO_EARLY.fill({"key": newest.id, "settled": Moment(shown)}))


@contextmanager
def locked(path: Path) -> Iterator[Path]:
    """Alone with the key file until the end of the block; yields where it really is. Raises KeysRefused."""
    real = path.resolve()  # a symbolic link must go on leading to the file
    try:
        folder = os.open(real.parent, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        raise KeysRefused(MISSING, path) from None
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield real
    finally:
        os.close(folder)


def _replace(path: Path, keys: Sequence[Key]) -> None:
    new = path.with_name(path.name + ".new")
    try:
        new.unlink(missing_ok=True)
        write(new, keys)
        _give(new, path.stat())
        new.replace(path)
        _keep(path.parent)
    except OSError as failure:
        with suppress(OSError):  # a folder that takes no file has none to give up
            new.unlink(missing_ok=True)
        raise ChangeRefused(words.CANNOT_WRITE.fill({"path": str(path), "detail": failure.strerror})) from failure


def _give(new: Path, owner: os.stat_result) -> None:
    """To the account of the service, when root rotates: it could not read root's."""
    made = new.stat()
    if (made.st_uid, made.st_gid) != (owner.st_uid, owner.st_gid):
        os.chown(new, owner.st_uid, owner.st_gid)


def _keep(folder: Path) -> None:
    """The new name survives a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
