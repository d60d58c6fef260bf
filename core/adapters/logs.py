"""Logs: one JSON line an event on the error stream. No secret and no personal data is ever given to them."""

import logging
import sys
from contextlib import suppress
from typing import TextIO, cast

import structlog


def configure(level: str, *, process: str) -> None:
    """Sets logging up for a process; `process` is what it calls itself in its lines."""
    structlog.configure(
        processors=[
            _named(process),
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.WriteLoggerFactory(file=cast("TextIO", Lossy(sys.stderr))),
        cache_logger_on_first_use=True,
    )


class Lossy:
    """A stream whose failures are nobody's: a full disk under the logs must stop neither a page nor a mail."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, line: str) -> None:
        """Writes what can be written."""
        with suppress(OSError):
            self._stream.write(line)

    def flush(self) -> None:
        """Likewise."""
        with suppress(OSError):
            self._stream.flush()


def _named(process: str) -> structlog.typing.Processor:
    """Context variables would not do: a server's threads begin without them."""

    def add(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        return {"process": process, **event}

    return add
