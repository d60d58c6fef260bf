"""Removes the comparison from compare-and-swap. Tests of concurrency must fail with this mutation."""

import pytest
from sqlalchemy import Column, Update, bindparam, or_, select, true, update

from core.adapters.sql import compare_and_swap
from core.adapters.sql.protected_tables import VOTERS


def compare_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every update of a case or voter succeed, even if the row has changed since it was read."""
    monkeypatch.setattr(compare_and_swap, "compare_and_swap_statement", _without_version)
    columns = VOTERS.table.c
    any_epoch = or_(columns.epoch == bindparam("in_epoch"), true())
    in_any_epoch = select(*VOTERS.columns).where(columns.id == bindparam("row_id"), any_epoch).with_for_update()
    monkeypatch.setattr(compare_and_swap, "select_and_lock_row_in_epoch", lambda _protected: in_any_epoch)


def _without_version(key: Column[object], version: Column[object]) -> Update:
    return update(key.table).where(
        key == bindparam(compare_and_swap.ROW), or_(version == bindparam(compare_and_swap.EXPECTED), true())
    )
