"""Describes exceptions for the log. Removes stored values from database error messages."""

import errno
import sqlite3
import traceback
from collections.abc import Iterator
from typing import Any

CLASSES_QUOTING_VALUES = ("22", "23")
"""SQLSTATE classes of errors whose messages quote stored values."""
PLACES = 4


def first_cause_codes_and_names(error: BaseException) -> dict[str, str]:
    return next((found for each in _chain(error) if (found := _codes(each))), {})


def traceback_without_row_values(error: BaseException) -> str:
    text = "".join(traceback.format_exception(error)).rstrip()
    for each in _chain(error):
        if _of_postgresql(each):
            text = text.replace(str(each), _first_line(each))
    return text


def error_type_and_code_locations(error: BaseException) -> str:
    """Return an error's type and stack frames, but not the message, which may quote user input."""
    places = [f"{frame.f_globals.get('__name__')}:{line}" for frame, line in traceback.walk_tb(error.__traceback__)]
    return ", ".join([type(error).__qualname__, *reversed(places[-PLACES:])])


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        each = waiting.pop()
        if each is not None and id(each) not in seen:
            seen.add(id(each))
            yield each
            waiting += [each.__context__, each.__cause__, getattr(each, "orig", None)]


def _codes(error: Any) -> dict[str, str]:  # noqa: ANN401  # psycopg's have attributes of their own
    if _of_postgresql(error):
        diagnostics = error.diag
        columns = {
            "constraint": diagnostics.constraint_name,
            "table": diagnostics.table_name,
            "column": diagnostics.column_name,
        }
        return _named(sqlstate=error.sqlstate, **columns, detail=_first_line(error))
    if isinstance(error, sqlite3.Error):
        return _named(sqlite=getattr(error, "sqlite_errorname", None), detail=str(error))
    if isinstance(error, OSError) and error.errno is not None:
        return _named(errno=errno.errorcode.get(error.errno, str(error.errno)), detail=error.strerror)
    return {}


def _of_postgresql(error: BaseException) -> bool:
    # psycopg is not imported here, because it is not loaded with SQLite.
    return hasattr(error, "sqlstate") and hasattr(error, "diag")


def _first_line(error: Any) -> str:  # noqa: ANN401  # as above
    if (error.sqlstate or "").startswith(CLASSES_QUOTING_VALUES):
        return type(error).__name__
    return str(error.diag.message_primary or error).partition("\n")[0]


def _named(**codes: str | None) -> dict[str, str]:
    return {name: code for name, code in codes.items() if code}
