"""Tests that doctor and the figures see, on a real PostgreSQL, whether another server confirms each commit."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from sqlalchemy import create_engine

from cli.checks import DoctorCheckSeverity
from cli.checks.synchronous_standbys import check_standbys
from core.adapters.election_metrics import ElectionMetricsCollector
from core.adapters.sql.engine import open_engine
from core.adapters.sql.synchronous_standbys import StandbyConfirmation, StandbyReport, read_standbys
from tests.support.postgres import BINARIES, Postgres, postgresql
from tests.support.product import eventually
from tests.support.worlds import World

STATES = {
    StandbyConfirmation.NONE: StandbyReport("", "on", 0, 0, 0),
    StandbyConfirmation.ASYNCHRONOUS: StandbyReport("", "on", 2, 2, 0),
    StandbyConfirmation.NOT_WAITED_FOR: StandbyReport("*", "local", 1, 1, 1),
    StandbyConfirmation.UNSEEN: StandbyReport("*", "on", 1, 0, 0),
    StandbyConfirmation.MISSING: StandbyReport("ANY 1 (a, b)", "on", 1, 1, 0),
    StandbyConfirmation.CONFIRMED: StandbyReport("ANY 1 (a, b)", "remote_apply", 2, 2, 2),
}


@pytest.mark.parametrize("state", StandbyConfirmation)
def test_each_state_is_told_from_the_others(state: StandbyConfirmation) -> None:
    """Only standbys that confirm are counted."""
    assert STATES[state].state is state
    assert STATES[state].count == (2 if state is StandbyConfirmation.CONFIRMED else 0)


@contextmanager
def receiver(server: Postgres, folder: Path) -> Iterator[None]:
    """Receive and confirm the server's log as a standby does."""
    folder.mkdir()
    place = f"host={server.address} port={server.port} user=postgres application_name=other"
    with subprocess.Popen(
        [BINARIES / "pg_receivewal", "--synchronous", "--no-loop", "-D", folder, "-d", place], stderr=subprocess.DEVNULL
    ) as running:
        try:
            yield
        finally:
            running.terminate()


def run(url: str, *commands: str) -> None:
    """Run SQL commands outside of a transaction."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            for command in commands:
                connection.exec_driver_sql(command)
    finally:
        engine.dispose()


def state_at(url: str) -> StandbyConfirmation:
    """Return what a new connection sees."""
    engine = open_engine(url)
    try:
        found = read_standbys(engine)
    finally:
        engine.dispose()
    assert found is not None
    return found.state


def test_a_real_server_is_seen_in_every_state(tmp_path: Path) -> None:
    """Doctor's verdict is good only while a standby confirms each commit, and says what is wrong otherwise."""
    with postgresql() as server:
        url = f"{server.url}/postgres"
        plain = url.replace("postgres@", "plain@")

        def becomes(state: StandbyConfirmation, seen_by: str = url) -> None:
            eventually(lambda: state_at(seen_by) is state, state.value)
            (check,) = check_standbys(seen_by)
            good = state is StandbyConfirmation.CONFIRMED
            assert check.verdict is (DoctorCheckSeverity.OK if good else DoctorCheckSeverity.ATTENTION)
            assert good == (check.remedy is None)

        becomes(StandbyConfirmation.NONE)
        with receiver(server, tmp_path / "wal"):
            becomes(StandbyConfirmation.ASYNCHRONOUS)
            run(url, "CREATE ROLE plain LOGIN", "ALTER SYSTEM SET synchronous_standby_names = '*'")
            run(url, "SELECT pg_reload_conf()")
            becomes(StandbyConfirmation.CONFIRMED)
            becomes(StandbyConfirmation.UNSEEN, plain)
            run(url, "GRANT pg_read_all_stats TO plain", "ALTER ROLE plain SET synchronous_commit = 'local'")
            becomes(StandbyConfirmation.NOT_WAITED_FOR, plain)
            run(url, "ALTER ROLE plain RESET synchronous_commit")
            becomes(StandbyConfirmation.CONFIRMED, plain)
        becomes(StandbyConfirmation.MISSING)


def test_an_embedded_database_has_none(world: World, tmp_path: Path) -> None:
    """Doctor and the figures say nothing of SQLite; a server without a standby is a figure of 0, which is an alert."""
    assert not list(check_standbys(f"sqlite:///{tmp_path / 'election.sqlite3'}"))
    for count in (None, 0, 2):
        registry = CollectorRegistry()
        registry.register(ElectionMetricsCollector(world.store, world.clock, world.services.budgets, lambda: count))  # noqa: B023  # used at once
        line = f"\nretrouve_synchronous_standbys {count}.0\n"
        assert (line in generate_latest(registry).decode()) == (count is not None)
