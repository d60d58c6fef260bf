"""Closes a connection to PostgreSQL if the server does not answer before a deadline."""

import os
import socket
import time
from contextlib import closing, suppress
from threading import Condition, Thread, current_thread
from typing import Any

from sqlalchemy import Connection, Engine, event

ANSWER_SECONDS = 8.0
LOOK_SECONDS = 0.1
DEADLINE_OPTION = "answer_seconds"
"""Execution option for the deadline in seconds. With None, only COMMIT and ROLLBACK have a deadline."""


class AnswerDeadlines:
    """The deadlines of this process's connections, and the watchdog, the thread that enforces them.

    The watchdog ends before a fork. If it held a lock at that moment, the lock would stay locked in the child.
    """

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._due = dict[Any, float]()
        self._changed = Condition()
        self._watchdog: Thread | None = None

    def begin(self, driver_connection: Any, seconds: float) -> None:  # noqa: ANN401  # psycopg's
        with self._changed:
            self._due[driver_connection] = time.monotonic() + seconds
            self._changed.notify()
        if self._watchdog is None:
            self.start_watchdog()

    def end(self, driver_connection: Any) -> None:  # noqa: ANN401  # psycopg's
        with self._changed:
            self._due.pop(driver_connection, None)

    def start_watchdog(self) -> None:
        with self._changed:
            if self._due and self._watchdog is None:
                self._watchdog = Thread(target=self._watch, name="answer-deadlines", daemon=True)
                self._watchdog.start()

    def stop_watchdog(self) -> None:
        with self._changed:
            watchdog, self._watchdog = self._watchdog, None
            self._changed.notify()
        if watchdog is not None:
            watchdog.join()

    def _watch(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._due or self._watchdog is not current_thread())
                if self._watchdog is not current_thread():
                    return
                for late in [each for each, due in self._due.items() if due < time.monotonic()]:
                    del self._due[late]
                    _shut_down(late)
            time.sleep(LOOK_SECONDS)


DEADLINES = AnswerDeadlines()
os.register_at_fork(
    before=DEADLINES.stop_watchdog, after_in_parent=DEADLINES.start_watchdog, after_in_child=DEADLINES.reset
)


def _shut_down(driver_connection: Any) -> None:  # noqa: ANN401  # psycopg's
    if driver_connection.closed:
        return
    with suppress(OSError), closing(socket.socket(fileno=os.dup(driver_connection.fileno()))) as duplicate:
        duplicate.shutdown(socket.SHUT_RDWR)


def limit_answers(engine: Engine) -> None:
    # The dialect runs queries on a new connection before it is checked out for the first time.
    event.listen(engine, "connect", lambda driver, _record: DEADLINES.begin(driver, ANSWER_SECONDS), insert=True)
    event.listen(engine, "checkout", lambda driver, _record, _proxy: DEADLINES.end(driver))
    event.listen(engine, "before_cursor_execute", _begin_statement)
    event.listen(engine, "after_cursor_execute", _end_statement)
    event.listen(engine, "commit", _begin_end_of_transaction)
    event.listen(engine, "rollback", _begin_end_of_transaction)
    event.listen(engine, "checkin", lambda driver, _record: DEADLINES.end(driver))


def _begin_statement(connection: Connection, cursor: Any, *_: object) -> None:  # noqa: ANN401  # psycopg's
    seconds = connection.get_execution_options().get(DEADLINE_OPTION, ANSWER_SECONDS)
    if seconds is not None:
        DEADLINES.begin(cursor.connection, seconds)


def _end_statement(_connection: Connection, cursor: Any, *_: object) -> None:  # noqa: ANN401  # psycopg's
    DEADLINES.end(cursor.connection)


def _begin_end_of_transaction(connection: Connection) -> None:
    if not connection.invalidated:
        seconds = connection.get_execution_options().get(DEADLINE_OPTION) or ANSWER_SECONDS
        DEADLINES.begin(connection.connection.driver_connection, seconds)
