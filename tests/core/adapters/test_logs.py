"""Log lines name causes and requests, but contain no data of rows."""

import json
import logging
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from core.adapters import logs
from core.adapters.log_causes import first_cause_codes_and_names, traceback_without_row_values
from core.ports import StoreUnavailable
from tests.support.stores import new_database

ADDRESS = "zoe.martin@ac-lumiere.example"
DUPLICATE = "INSERT INTO voters VALUES ('zoe.martin@ac-lumiere.example'), ('zoe.martin@ac-lumiere.example')"
Lines = Callable[[], list[dict[str, object]]]


@pytest.fixture(autouse=True)
def _no_request() -> Iterator[None]:
    """Forget the request id that the Flask test client of another test may have left."""
    token = logs.current_request.set(None)
    yield
    logs.current_request.reset(token)


@pytest.fixture
def written(tmp_path: Path) -> Iterator[Lines]:
    """A function that returns the lines that this process has logged to a file."""
    file = tmp_path / "log"
    handlers, level = logs.LOGGER.handlers, logs.LOGGER.level
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT)
    try:
        logs.LOGGER.handlers = []
        logs.configure_logs("info", process="serve", descriptor=descriptor)
        yield lambda: [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    finally:
        os.close(descriptor)
        logs.LOGGER.handlers = handlers
        logs.LOGGER.setLevel(level)


@pytest.fixture(scope="module")
def refused() -> list[psycopg.Error]:
    """Real errors of PostgreSQL: a duplicate, a missing column, an invalid value and a closed port."""
    with psycopg.connect(new_database().replace("+psycopg", "")) as connection:
        connection.autocommit = True
        connection.execute("CREATE TABLE voters (address text CONSTRAINT one_address UNIQUE)")
        statements = (DUPLICATE, "SELECT born FROM voters", f"SELECT '{ADDRESS}'::int")
        errors = [error_of(lambda: connection.execute(each)) for each in statements]  # noqa: B023  # run now
    return [*errors, error_of(lambda: psycopg.connect("postgresql://me:s3cret@127.0.0.1:1/base", connect_timeout=5))]


def error_of(work: Callable[[], object]) -> psycopg.Error:
    """Return the exception that a function raises."""
    with pytest.raises(psycopg.Error) as told:
        work()
    return told.value


def test_a_line_says_what_postgresql_refused_and_quotes_no_row(refused: list[psycopg.Error]) -> None:
    """A log line about a PostgreSQL error names the code and constraint, but no value of a row and no password."""
    duplicate, missing, unreadable, closed = map(first_cause_codes_and_names, refused)

    named = {"sqlstate": "23505", "constraint": "one_address", "table": "voters", "detail": "UniqueViolation"}
    assert duplicate == named
    assert (missing["sqlstate"], missing["detail"]) == ("42703", 'column "born" does not exist')
    assert unreadable == {"sqlstate": "22P02", "detail": "InvalidTextRepresentation"}
    assert "Connection refused" in closed["detail"]
    assert "s3cret" not in str(closed)

    for error in refused[:3]:
        assert ADDRESS in str(error) or "born" in str(error)
        unready = StoreUnavailable("OperationalError")
        unready.__cause__ = error
        text = traceback_without_row_values(unready)
        assert "StoreUnavailable: OperationalError" in text
        assert ADDRESS not in text


def test_a_line_says_what_sqlite_or_the_system_refused(tmp_path: Path, written: Lines) -> None:
    """A log line about an error of SQLite or the system contains its code and message."""
    log = logs.LOGGER
    with closing(sqlite3.connect(tmp_path / "base")) as base, pytest.raises(sqlite3.OperationalError) as missing:
        base.execute("SELECT born FROM voters")
    with pytest.raises(OSError, match="No such file") as absent:
        (tmp_path / "none").read_bytes()
    unready = StoreUnavailable("OperationalError")
    unready.__cause__ = missing.value

    log.warning("store-unready", extra={"reason": str(unready), "cause": unready})
    log.error("defect", exc_info=absent.value)

    first, second = written()
    assert (first["sqlite"], first["detail"]) == ("SQLITE_ERROR", "no such table: voters")
    assert "cause" not in first
    assert (second["errno"], second["detail"]) == ("ENOENT", "No such file or directory")
    assert str(second["exception"]).endswith("'" + str(tmp_path / "none") + "'")


@pytest.mark.parametrize(
    ("claimed", "kept"),
    [
        ("5f0c3a9d1b7e4c2f8a6d0e9b3c1f7a52", True),
        ("5f0c3a9d-1b7e-4c2f-8a6d-0e9b3c1f7a52", True),
        ("zoe.martin@ac-lumiere.example", False),
        ("short", False),
        ('5f0c3a9d1b7e4c2f8a6d0e9b3c1f7a52", "x": "', False),
        (None, False),
    ],
)
def test_a_line_has_the_id_of_its_request(claimed: str | None, kept: bool, written: Lines) -> None:  # noqa: FBT001
    """A log line has the request id from the proxy if it is valid, or else a new one. Other lines have no id."""
    token = logs.current_request.set(logs.request_id(claimed))
    logs.LOGGER.info("request")
    logs.current_request.reset(token)
    logs.LOGGER.info("idle")

    within, outside = written()
    assert (within["request_id"] == claimed) == kept
    assert logs.REQUEST_ID.fullmatch(str(within["request_id"]))
    assert "request_id" not in outside


def test_lines_of_the_web_server_look_like_ours() -> None:
    """A log line of granian has the same JSON fields as the product's own lines."""
    record = logging.LogRecord("_granian", logging.ERROR, "", 0, "Unexpected exit from worker-%d", (1,), None)

    line = json.loads(logs.JsonFormatter("serve").format(record))

    assert line.pop("timestamp").endswith("Z")
    said = {"process": "serve", "event": "server", "message": "Unexpected exit from worker-1", "level": "error"}
    assert line == said


def test_a_line_cannot_control_a_terminal(written: Lines, tmp_path: Path) -> None:
    """Control characters in a logged value are escaped, and the value can be read back unchanged."""
    hostile = "Zoé\x1b]52;c;ZQ==\x07\x9b31m\x7f\u202e\n"
    logs.LOGGER.info("mail-postponed", extra={"reason": hostile})

    assert (tmp_path / "log").read_text("utf-8").rstrip("\n").isprintable()
    assert written()[0]["reason"] == hostile
