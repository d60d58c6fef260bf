"""Follows the key file of a running process: a look is one `stat`, and the file is read when it is another."""

import os
import time
from pathlib import Path

import structlog

from core.adapters.keys import Key, KeysRefused, read

LOOK_SECONDS = 2.0
"""How long a process may go on with the keys it has; `key_changes.SETTLED` is much longer."""

log = structlog.get_logger()


class KeyWatch:
    """The Watch over a file. What cannot be used meanwhile (half copied, unreadable) is told, once, and looked at again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, ...] | None = None  # so that the first look reads: the file may have changed since
        self._next = 0.0
        self._troubled = False

    def due(self) -> bool:
        """Whether the last look was a while ago."""
        return time.monotonic() >= self._next

    def changed(self) -> tuple[Key, ...] | None:
        """The keys of a file that is another than the one last read."""
        self._next = time.monotonic() + LOOK_SECONDS
        mark = _mark(self._path)
        if mark is None or mark == self._seen:
            return None
        try:
            found = read(self._path)
        except KeysRefused as refused:
            self._tell(refused)
            return None
        self._seen, self._troubled = mark, False
        return found

    def _tell(self, refused: KeysRefused) -> None:
        if not self._troubled:
            log.error("key-file-ignored", reason=str(refused))
        self._troubled = True


def _mark(path: Path) -> tuple[int, ...] | None:
    """What changes whenever the file is replaced, written or given other rights; None while there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116  # on the way of every sealed thing: `Path.stat` costs twice as much
    except OSError:
        return None
    return found.st_ino, found.st_ctime_ns, found.st_size
