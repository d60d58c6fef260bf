"""A forked process can use the deadlines, whatever its parent was doing at the fork."""

from multiprocessing import get_context
from threading import Event, Thread

import pytest

from core.adapters.sql.deadlines import ANSWER_SECONDS, DEADLINES

PATIENCE = 60


@pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
def test_a_fork_while_another_thread_sets_a_deadline_does_not_hang() -> None:
    """A worker of `serve` does not wait for a lock that another thread of its parent held at the fork."""
    held, release = Event(), Event()

    class Connection:
        def __hash__(self) -> int:
            held.set()
            release.wait()
            return id(self)

    connection = Connection()
    thread = Thread(target=DEADLINES.begin, args=(connection, ANSWER_SECONDS))
    thread.start()
    held.wait()
    child = get_context("fork").Process(target=DEADLINES.end, args=(object(),))
    child.start()
    child.join(PATIENCE)
    hung = child.is_alive()
    child.kill()
    release.set()
    thread.join()
    DEADLINES.end(connection)

    assert not hung
