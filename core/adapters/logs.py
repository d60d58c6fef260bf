"""Logs: one JSON line per event, by default on stderr. They contain no secrets and no personal data."""

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
"""Ids made by proxies: 32 hexadecimal digits or a UUID. Other text could contain personal data."""
REQUEST_ID_BYTES = 16


def configure_logs(level: str, *, process: str, descriptor: int = ERROR_STREAM) -> None:
    """Configure logging for a process. Lines contain its name and are written to the file descriptor."""
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, _line_renderer(process)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.WriteLoggerFactory(file=cast("TextIO", FailureIgnoringErrorStream(descriptor))),
        cache_logger_on_first_use=True,
    )


def request_id(claimed: str | None) -> str:
    """Return the proxy's request id if it is well-formed, else a new id."""
    return claimed if claimed is not None and REQUEST_ID.fullmatch(claimed) else os.urandom(REQUEST_ID_BYTES).hex()


class FailureIgnoringErrorStream:
    """A stream to stderr that ignores failures: a full disk must not stop pages or mails.

    It has no buffer, unlike `sys.stderr`, whose failed output would raise again at a later flush.
    """

    def __init__(self, descriptor: int = ERROR_STREAM) -> None:
        self._descriptor = descriptor

    def write(self, line: str) -> None:
        try:  # noqa: SIM105  # `suppress` takes half as long as the write itself
            os.write(self._descriptor, line.encode("utf-8", "backslashreplace"))
        except OSError:
            pass

    def flush(self) -> None:
        """Do nothing. Every line is written immediately."""


class GranianLogFormatter(logging.Formatter):
    """Formats granian's log lines like ours."""

    def format(self, record: logging.LogRecord) -> str:
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
"""Configuration of granian's log lines. By default granian prints them on stdout."""


def _line_renderer(process: str) -> structlog.typing.Processor:
    """Return the processor that renders an event. A single function, because it runs for every request."""

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
    """Return the line as JSON. The standard library takes five times as long."""
    try:
        return msgspec.json.encode(line, enc_hook=repr).decode()
    except UnicodeEncodeError:  # a lone surrogate, as in a file name: written as \\udc00
        return json.dumps(line, default=repr)
