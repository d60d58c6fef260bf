"""What is to last on SQLite is on the disk when it is told, and nobody waits for that disk to write."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.adapters.sql.lasting import LOG
from core.adapters.sql.store import SqlStore
from core.ports import Durability, Recovery, Unready
from core.recovery import Identified
from tests.support.election import CAMILLE, NOON
from tests.support.stores import sqlite

DATABASE = "retrouve.sqlite3"
STATE = Identified(typed=CAMILLE, address=CAMILLE)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    """Over a file."""
    with sqlite(tmp_path) as kept:
        assert isinstance(kept.store, SqlStore)
        yield kept.store


def write(store: SqlStore, handle: bytes, durability: Durability) -> None:
    """One case."""
    with store.write(durability) as transaction:
        case = Recovery(handle=handle, number=handle.hex(), flow="mot-de-passe", state=STATE, began=NOON)
        transaction.recoveries.add(case)


def syncing(monkeypatch: pytest.MonkeyPatch, act: Callable[[str], None]) -> None:
    """From now on `act` is done in place of waiting for the disk, with the name of the file."""
    monkeypatch.setattr(os, "fdatasync", lambda file: act(str(Path(f"/proc/self/fd/{file}").readlink())))


def test_the_log_is_synced_for_what_is_to_last_and_for_nothing_else(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Once, when the commit stands in it."""
    synced: list[tuple[str, bool]] = []
    monkeypatch.setattr(os, "fdatasync", None)
    write(store, b"1", Durability.RELAXED)

    def note(file: str) -> None:
        with store.look() as transaction:
            synced.append((file, transaction.recoveries.by_handle(b"2") is not None))

    syncing(monkeypatch, note)
    write(store, b"2", Durability.FULL)

    assert synced == [(str(tmp_path / (DATABASE + LOG)), True)]


def test_others_write_while_the_log_is_synced(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """An ask does not wait for the disk that the courier waits for."""
    syncing(monkeypatch, lambda _: write(store, b"other", Durability.RELAXED))
    write(store, b"mine", Durability.FULL)

    with store.look() as transaction:
        assert transaction.recoveries.by_handle(b"other") is not None


def test_a_disk_that_fails_is_told_as_unready(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is told that it was done."""

    def fail(_: str) -> None:
        raise OSError

    syncing(monkeypatch, fail)
    with pytest.raises(Unready):
        write(store, b"1", Durability.FULL)


def test_what_is_undone_needs_no_disk(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its reason comes through."""
    monkeypatch.setattr(os, "fdatasync", None)
    with pytest.raises(ZeroDivisionError), store.write(Durability.FULL):
        raise ZeroDivisionError
