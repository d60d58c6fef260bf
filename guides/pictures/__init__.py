"""Take the help's pictures: walk the real application in Chromium, photograph it, number it in a gutter."""

import os
import re
from errno import ENOSPC
from pathlib import Path
from shutil import disk_usage
from signal import SIGKILL

from core.text.faces import guides_cli_sentences as words
from core.text.text import Language, Text
from core.text.translation import translate

LITTLE = 4 << 20
"""The bytes left on a disk below which it is what has failed."""
LIBRARY = re.compile(r"loading shared libraries: ([^:]+):")
FATAL = ":FATAL:"
KILLED = (-SIGKILL, 128 + SIGKILL)
"""The exit statuses of a Chromium that was killed, and of Debian's shell around it, which notes it among the errors too."""
NOISE = re.compile(r"^\[.*:(?:VERBOSE\d|INFO|WARNING|ERROR):.*\]|^\s*$")
"""A line that Chromium also writes when nothing is wrong, as where there is no D-Bus."""


class PictureRefused(Exception):
    """A picture cannot be taken or would be untrue, so the help is not built. The message is for the operator."""


class ChromiumEnded(PictureRefused):
    """Chromium does not run any more; `cause` says why."""

    def __init__(self, cause: Text) -> None:
        super().__init__(translate(cause, Language.ENGLISH))
        self.cause = cause

    @classmethod
    def of_process(cls, status: int, errors: str) -> "ChromiumEnded":
        """Return the refusal for an exit status, negative after a signal, and for what the process has written."""
        library = LIBRARY.search(errors)
        if library is not None:
            return cls(words.CHROMIUM_LIBRARY_MISSING.fill({"library": library[1]}))
        if status in KILLED:
            return cls(words.CHROMIUM_KILLED)
        told = [line.strip() for line in errors.splitlines() if not NOISE.match(line)]
        told.sort(key=lambda line: FATAL in line)  # the addresses of where it was follow that line
        if told or status >= 0:
            return cls(words.CHROMIUM_STOPPED.fill({"detail": told[-1] if told else f"exit status {status}"}))
        return cls(words.CHROMIUM_KILLED)


def raise_if_disk_is_full(folder: Path) -> None:
    """Raise the OSError of a full disk if there is next to no room: what then fails first says something else."""
    if disk_usage(folder).free < LITTLE:
        raise OSError(ENOSPC, os.strerror(ENOSPC), str(folder))
