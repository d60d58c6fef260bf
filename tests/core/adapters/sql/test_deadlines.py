"""The watchdog ends before a fork. Afterwards, the parent and the child each have their own deadlines."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context

import pytest

from core.adapters.sql.deadlines import ANSWER_SECONDS, DEADLINES

PATIENCE = 60
SOON = 0.2

pytestmark = pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")


class DriverConnection:
    """The part of a psycopg connection that the deadlines use."""

    closed = False

    def __init__(self, end: socket.socket) -> None:
        self._end = end

    def fileno(self) -> int:
        return self._end.fileno()


@contextmanager
def connection_and_server() -> Iterator[tuple[DriverConnection, socket.socket]]:
    client, server = socket.socketpair()
    with client, server:
        server.settimeout(PATIENCE)
        yield DriverConnection(client), server


def watchdogs() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "answer-deadlines"]


def fork_and_join() -> None:
    child = get_context("fork").Process(target=os.getpid)
    child.start()
    child.join(PATIENCE)
    assert child.exitcode == 0


def test_the_watchdog_ends_before_a_process_forks() -> None:
    with connection_and_server() as (connection, _server):
        DEADLINES.begin(connection, ANSWER_SECONDS)
        DEADLINES.end(connection)
        before = watchdogs()
        assert before

        fork_and_join()

        assert not any(watchdog.is_alive() for watchdog in before)


def test_a_deadline_set_before_a_fork_still_shuts_the_connection_down() -> None:
    with connection_and_server() as (connection, server):
        DEADLINES.begin(connection, SOON)
        fork_and_join()

        assert server.recv(1) == b""


def test_a_forked_process_has_deadlines_of_its_own() -> None:
    def pass_a_deadline() -> None:
        with connection_and_server() as (connection, server):
            DEADLINES.begin(connection, SOON)
            assert server.recv(1) == b""

    with connection_and_server() as (connection, _server):
        DEADLINES.begin(connection, ANSWER_SECONDS)
        child = get_context("fork").Process(target=pass_a_deadline)
        child.start()
        child.join(PATIENCE)
        DEADLINES.end(connection)

    assert child.exitcode == 0
