"""Logs: one JSON line an event, on the error stream unless a terminal is drawn there. No secret and no personal data is ever given to them."""

import json
import logging
import os
import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TextIO, cast

import msgspec
import structlog

from core.adapters.log_causes import first_cause_codes_and_names, traceback_without_row_values

ERROR_STREAM = 2
REQUEST_ID = re.compile(r"[0-9A-Fa-f-]{16,64}")
"""Pattern of the ids that proxies make: 32 hexadecimal digits or a UUID. Other text could bring personal data into the log."""
REQUEST_ID_BYTES = 16


def configure_logs(level: str, *, process: str, descriptor: int = ERROR_STREAM) -> None:
    """Set logging up for a process; `process` is its name in the lines, which go to that file descriptor."""
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, _line_renderer(process)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.WriteLoggerFactory(file=cast("TextIO", FailureIgnoringErrorStream(descriptor))),
        cache_logger_on_first_use=True,
    )


def request_id(claimed: str | None) -> str:
    """Return the id that the proxy gave a request, if it can be one, or else a new id."""
    return claimed if claimed is not None and REQUEST_ID.fullmatch(claimed) else os.urandom(REQUEST_ID_BYTES).hex()


class FailureIgnoringErrorStream:
    """The error stream, whose failures are nobody's: a full disk under the logs must stop neither a page nor a mail.

    It keeps nothing back: what `sys.stderr` could not write would come up again wherever somebody flushes it.
    """

    def __init__(self, descriptor: int = ERROR_STREAM) -> None:
        self._descriptor = descriptor

    def write(self, line: str) -> None:
        """Write as much of the text as the stream takes."""
        try:  # noqa: SIM105  # a block of `suppress` costs every request half of what writing its line does
            os.write(self._descriptor, line.encode("utf-8", "backslashreplace"))
        except OSError:
            pass

    def flush(self) -> None:
        """Do nothing: every line is written at once."""


class GranianLogFormatter(logging.Formatter):
    """Writes a line of granian's as one of ours."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the JSON line."""
        told: dict[str, object] = {"process": "serve", "event": "server", "message": record.getMessage()}
        if record.exc_info and record.exc_info[1]:
            told |= {
                **first_cause_codes_and_names(record.exc_info[1]),
                "exception": traceback_without_row_values(record.exc_info[1]),
            }
        moment = datetime.fromtimestamp(record.created, UTC)
        return _json({**told, "level": record.levelname.lower(), "timestamp": _iso(moment)})


SERVER_LOGGING: Mapping[str, object] = {
    "formatters": {"ours": {"()": GranianLogFormatter}},
    "handlers": {
        name: {"class": "logging.StreamHandler", "formatter": "ours", "stream": FailureIgnoringErrorStream()}
        for name in ("console", "access")
    },
}
"""Configuration of granian's own log lines, which it would otherwise print on the standard output."""


def _line_renderer(process: str) -> structlog.typing.Processor:
    """Return what makes the line of an event: one function, because there is a line for every request."""

    def render(_logger: object, level: str, event: structlog.typing.EventDict) -> str:
        cause, failure = event.pop("cause", None), event.pop("exc_info", None)
        if failure is True:
            failure = sys.exception()
        line: dict[str, object] = {"process": process, **event}
        line["level"], line["timestamp"] = level, _iso(datetime.now(UTC))
        if failure:
            line["exception"] = traceback_without_row_values(failure)
        if error := cause or failure:
            line |= first_cause_codes_and_names(error)
        return _json(line)

    return render


def _iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _json(line: Mapping[str, object]) -> str:
    """Write the line. The standard library takes five times as long for it."""
    try:
        return msgspec.json.encode(line, enc_hook=repr).decode()
    except UnicodeEncodeError:  # half a character, as in the name of a file: written as \\udc00
        return json.dumps(line, default=repr)
