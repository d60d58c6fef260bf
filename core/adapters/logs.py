"""Logs: one JSON line an event, on the error stream unless a terminal is drawn there. No secret and no personal data is ever given to them."""

import json
import logging
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TextIO, cast

import msgspec
import structlog

ERROR_STREAM = 2


def configure(level: str, *, process: str, descriptor: int = ERROR_STREAM) -> None:
    """Sets logging up for a process; `process` is what it calls itself in its lines, which go to that file descriptor."""
    structlog.configure(
        processors=[
            _named(process),
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(serializer=_json),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.WriteLoggerFactory(file=cast("TextIO", Lossy(descriptor))),
        cache_logger_on_first_use=True,
    )


class Lossy:
    """The error stream, whose failures are nobody's: a full disk under the logs must stop neither a page nor a mail.

    It keeps nothing back: what `sys.stderr` could not write would come up again wherever somebody flushes it.
    """

    def __init__(self, descriptor: int = ERROR_STREAM) -> None:
        self._descriptor = descriptor

    def write(self, line: str) -> None:
        """Writes what can be written."""
        with suppress(OSError):
            os.write(self._descriptor, line.encode("utf-8", "backslashreplace"))

    def flush(self) -> None:
        """There is nothing to flush."""


SERVER_HANDLER: Mapping[str, object] = {"class": "logging.StreamHandler", "formatter": "generic", "stream": Lossy()}
"""Where granian's own lines go, too: it would print them on the standard output."""


def _json(event: structlog.typing.EventDict, default: Callable[[object], object], **_: object) -> str:
    """A line a request: the standard library takes five times as long for one."""
    try:
        return msgspec.json.encode(event, enc_hook=default).decode()
    except UnicodeEncodeError:  # half a character, as in the name of a file: written as \\udc00
        return json.dumps(event, default=default)


def _named(process: str) -> structlog.typing.Processor:
    """Context variables would not do: a server's threads begin without them."""

    def add(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        return {"process": process, **event}

    return add
