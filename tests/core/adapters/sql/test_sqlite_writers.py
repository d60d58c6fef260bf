"""Only one writer at a time uses SQLite."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.adapters.sql import sqlite_writers
from core.adapters.sql.sqlite_writers import WriterTurns


def test_one_writer_at_a_time_has_the_turn(tmp_path: Path) -> None:
    """Threads of two processes never write at the same time."""
    database = tmp_path / "database"
    processes, inside, most = (WriterTurns(database), WriterTurns(database)), list[int](), list[int]()

    def write(number: int) -> None:
        with processes[number % 2].take():
            inside.append(number)
            most.append(len(inside))
            time.sleep(0.001)
            inside.remove(number)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(write, range(40)))
    assert most == [1] * 40


def test_a_writer_goes_on_when_no_turn_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A writer waits for its turn only for a limited time, because SQLite's own lock still protects the database."""
    monkeypatch.setattr(sqlite_writers, "PATIENCE_SECONDS", 0.02)
    database = tmp_path / "database"
    mine, others = WriterTurns(database), WriterTurns(database)

    def write(turns: WriterTurns) -> None:
        with turns.take():
            pass

    with mine.take(), ThreadPoolExecutor(2) as threads:
        list(threads.map(write, (mine, others), timeout=5))


def test_a_writer_goes_on_without_a_lock_file(tmp_path: Path) -> None:
    """A writer continues if the lock file cannot be created, so that the database reports the missing folder itself."""
    with WriterTurns(tmp_path / "nowhere" / "database").take():
        pass
