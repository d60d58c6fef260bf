"""A web process relies on the database check of its parent."""

from pathlib import Path

import pytest

from core.adapters.sql.store import SqlStore
from core.app.election_folder import open_services, open_services_in_worker
from core.security.key_roles import ProgramKeyRole
from tests.support.folders import copied_folder
from tests.support.stores import statements


@pytest.mark.parametrize("checked", [True, False])
def test_a_web_process_checks_only_a_database_that_its_parent_could_not_check(tmp_path: Path, *, checked: bool) -> None:
    """A web process reads the tables' definitions only if its parent could not reach the database."""
    parent = open_services(copied_folder(tmp_path / "election"), ProgramKeyRole.SERVE)
    store = parent.dependencies.store
    assert isinstance(store, SqlStore)
    if checked:
        store.check()
    parent.close()

    worker = open_services_in_worker(parent)
    with statements(worker.engine) as sent:
        for _ in range(2):
            with worker.dependencies.store.read():
                pass
    worker.close()

    assert any("sqlite_master" in each for each in sent) == (not checked)
