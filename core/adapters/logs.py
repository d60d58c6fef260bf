"""Writes one JSON line per event. Logs must contain no secrets and no personal data."""

import json
import logging
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, TextIO, cast

import msgspec

from core.adapters.log_causes import first_cause_codes_and_names, traceback_without_row_values

ERROR_STREAM = 2
LOGGER = logging.getLogger("retrouve")
REQUEST_ID = re.compile(r"[0-9A-Fa-f-]{16,64}")
"""Pattern of the request ids that proxies generate."""
REQUEST_ID_BYTES = 16
MEMBERS_OF_EVERY_RECORD = frozenset(vars(logging.makeLogRecord({})))

current_request: ContextVar[str | None] = ContextVar("current_request", default=None)


def configure_logs(level: str, *, process: str, descriptor: int = ERROR_STREAM) -> None:
    handler = logging.StreamHandler(cast("TextIO", FailureIgnoringErrorStream(descriptor)))
    handler.setFormatter(JsonFormatter(process))
    for former in LOGGER.handlers:
        if isinstance(former.formatter, JsonFormatter):
            LOGGER.removeHandler(former)
    LOGGER.addHandler(handler)
    LOGGER.setLevel(level.upper())
    LOGGER.propagate = False


def request_id(claimed: str | None) -> str:
    return claimed if claimed is not None and REQUEST_ID.fullmatch(claimed) else os.urandom(REQUEST_ID_BYTES).hex()


class FailureIgnoringErrorStream:
    """An unbuffered stream to stderr that ignores write errors."""

    def __init__(self, descriptor: int = ERROR_STREAM) -> None:
        self._descriptor = descriptor

    def write(self, line: str) -> None:
        try:  # noqa: SIM105  # `suppress` takes half as long as the write itself
            os.write(self._descriptor, line.encode("utf-8", "backslashreplace"))
        except OSError:
            pass

    def flush(self) -> None: ...


class JsonFormatter(logging.Formatter):
    """Formats log records as JSON objects."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        message = record.getMessage()
        ours = record.name == LOGGER.name
        line: dict[str, object] = {"process": self._process, "event": message if ours else "server"}
        line |= added_values(record) if ours else {"message": message}
        if request := current_request.get():
            line["request_id"] = request
        line["level"] = record.levelname.lower()
        line["timestamp"] = datetime.fromtimestamp(record.created, UTC).isoformat().replace("+00:00", "Z")
        cause, failure = line.pop("cause", None), record.exc_info[1] if record.exc_info else None
        if failure:
            line["exception"] = traceback_without_row_values(failure)
        if isinstance(error := cause or failure, BaseException):
            line |= first_cause_codes_and_names(error)
        return _json(line)


SERVER_LOGGING: Mapping[str, object] = {
    "formatters": {"ours": {"()": JsonFormatter, "process": "serve"}},
    "handlers": {
        name: {"class": "logging.StreamHandler", "formatter": "ours", "stream": FailureIgnoringErrorStream()}
        for name in ("console", "access")
    },
}


def added_values(record: logging.LogRecord) -> dict[str, object]:
    return {name: value for name, value in vars(record).items() if name not in MEMBERS_OF_EVERY_RECORD}


@contextmanager
def collected_lines() -> Iterator[list[dict[str, Any]]]:
    collector = _Collector()
    handlers, level, propagate = LOGGER.handlers, LOGGER.level, LOGGER.propagate
    LOGGER.handlers, LOGGER.propagate = [collector], False
    LOGGER.setLevel(logging.DEBUG)
    try:
        yield collector.lines
    finally:
        LOGGER.handlers, LOGGER.propagate = handlers, propagate
        LOGGER.setLevel(level)


class _Collector(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[dict[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        line = {"event": record.getMessage(), "level": record.levelname.lower(), **added_values(record)}
        self.lines.append(line | ({"exc_info": record.exc_info[1]} if record.exc_info else {}))


def _json(line: Mapping[str, object]) -> str:
    # Five times as fast as the standard library.
    try:
        written = msgspec.json.encode(line, enc_hook=repr).decode()
    except UnicodeEncodeError:  # a lone surrogate, as in a file name: written as \\udc00
        return json.dumps(line, default=repr)
    return written if written.isprintable() else json.dumps(json.loads(written)).replace("\x7f", "\\u007f")
