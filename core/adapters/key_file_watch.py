"""Notices a changed key file in a running process: with one `stat`, and the file is read when that differs."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import structlog

from core.adapters.key_vault import KeyFileRefused, read_key_file
from core.adapters.master_keys_and_subkeys import ElectionKey

CHECK_SECONDS = 2.0
"""Seconds between two checks of the key file; `key_rotation.SETTLED` is much longer."""

log = structlog.get_logger()


class KeyFileWatch:
    """Watches a key file. One that cannot be used (half copied, unreadable) is logged once and checked again."""

    def __init__(self, path: Path, read: Callable[[Path], tuple[ElectionKey, ...]] = read_key_file) -> None:
        self._path = path
        self._read = read
        self._seen: tuple[int, ...] | None = None  # so that the first look reads: the file may have changed since
        self._next = 0.0
        self._logged = False

    def is_check_due(self) -> bool:
        """Return whether the file should be checked again."""
        return time.monotonic() >= self._next

    def read_if_changed(self) -> tuple[ElectionKey, ...] | None:
        """Return the keys of a file that differs from the one last read."""
        self._next = time.monotonic() + CHECK_SECONDS
        mark = _mark(self._path)
        if mark is None or mark == self._seen:
            return None
        try:
            found = self._read(self._path)
        except KeyFileRefused as refused:
            self._log(refused)
            return None
        self._seen, self._logged = mark, False
        return found

    def _log(self, refused: KeyFileRefused) -> None:
        if not self._logged:
            log.error("key-file-ignored", reason=str(refused))
        self._logged = True


def _mark(path: Path) -> tuple[int, ...] | None:
    """Return a mark of the file that differs once it is replaced, written or given other rights; None while there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116  # on the way of every sealed thing: `Path.stat` costs twice as much
    except OSError:
        return None
    return found.st_ino, found.st_ctime_ns, found.st_size
