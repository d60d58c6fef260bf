"""Logs: one JSON line an event on the error stream. No secret and no personal data is ever given to them."""

import logging
import sys

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
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )


def _named(process: str) -> structlog.typing.Processor:
    """Context variables would not do: a server's threads begin without them."""

    def add(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        return {"process": process, **event}

    return add
