"""A durable transaction on SQLite is on the disk when it returns, and other writers do not wait for that."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.adapters.sql.sqlite_writers import WAL_SUFFIX
from core.adapters.sql.store import SqlStore
from core.flows.password.states import CaseOpenedByDesk
from core.ports import CommitOutcomeUnknown, Durability, RecoveryCase
from tests.support.election import CAMILLE, NOON
from tests.support.stores import reading, sqlite

DATABASE = "retrouve.sqlite3"
STATE = CaseOpenedByDesk(typed=CAMILLE, address=CAMILLE)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    """A store on a file."""
    with sqlite(tmp_path) as kept:
        assert isinstance(kept.store, SqlStore)
        yield kept.store


def write(store: SqlStore, handle: bytes, durability: Durability) -> None:
    """Write one case."""
    with store.write(durability) as transaction:
        case = RecoveryCase(handle=handle, number=handle.hex(), flow="mot-de-passe", state=STATE, began=NOON)
        transaction.recoveries.add(case)


def replace_sync(monkeypatch: pytest.MonkeyPatch, act: Callable[[str], None]) -> None:
    """Replace the wait for the disk by `act`, which gets the name of the file."""
    monkeypatch.setattr(os, "fdatasync", lambda file: act(str(Path(f"/proc/self/fd/{file}").readlink())))


def test_the_log_is_synced_for_durable_commits_only(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The log is synced once after a durable commit, and after no other commit or rollback."""
    synced: list[tuple[str, bool]] = []
    monkeypatch.setattr(os, "fdatasync", None)
    write(store, b"1", Durability.RELAXED)
    with pytest.raises(ZeroDivisionError), store.write(Durability.FULL):
        raise ZeroDivisionError

    def note(file: str) -> None:
        synced.append((file, reading(store).recoveries.by_handle(b"2") is not None))

    replace_sync(monkeypatch, note)
    write(store, b"2", Durability.FULL)

    assert synced == [(str(tmp_path / (DATABASE + WAL_SUFFIX)), True)]


def test_others_write_while_the_log_is_synced(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other transactions write while the log is synced."""
    replace_sync(monkeypatch, lambda _: write(store, b"other", Durability.RELAXED))
    write(store, b"mine", Durability.FULL)

    assert reading(store).recoveries.by_handle(b"other") is not None


def test_a_failing_disk_leaves_the_outcome_unknown(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fails after the commit lets nobody say that nothing was done: others read what was written."""

    def fail(_: str) -> None:
        raise OSError

    replace_sync(monkeypatch, fail)
    with pytest.raises(CommitOutcomeUnknown):
        write(store, b"1", Durability.FULL)

    assert reading(store).recoveries.by_handle(b"1") is not None
