"""Doctor and the metrics show whether a standby of PostgreSQL confirms each commit."""

import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError

from cli.checks import DoctorCheckSeverity
from cli.checks.database import check_database, check_standbys, check_writable_servers
from core.adapters.election_metrics import ElectionMetricsCollector
from core.adapters.sql.database_failure_cause import database_failure_cause_of
from core.adapters.sql.engine import open_engine, temporary_engine
from core.adapters.sql.postgresql_cluster import (
    StandbyConfirmationState,
    StandbyReport,
    count_writable_servers,
    read_standbys,
)
from core.text.faces.readiness_sentences import NotReadyCause
from core.text.text import Language
from core.text.translation import translate
from tests.support.postgres import BINARIES, USER, Postgres, postgresql, synchronous_standby
from tests.support.product import eventually
from tests.support.worlds import World

INCIDENTS = Path(__file__).parents[4] / "docs/incidents.md"
STATES = {
    StandbyConfirmationState.NONE: StandbyReport("", 0, 0, 0),
    StandbyConfirmationState.ASYNCHRONOUS: StandbyReport("", 2, 2, 0),
    StandbyConfirmationState.UNSEEN: StandbyReport("*", 1, 0, 0),
    StandbyConfirmationState.MISSING: StandbyReport("ANY 1 (a, b)", 1, 1, 0),
    StandbyConfirmationState.CONFIRMED: StandbyReport("ANY 1 (a, b)", 2, 2, 2),
}


def test_each_state_is_told_from_the_others() -> None:
    """Each state of the standbys is recognised, and only standbys that confirm commits are counted."""
    for state in StandbyConfirmationState:
        assert STATES[state].state is state
        assert STATES[state].confirming_standby_count == (2 if state is StandbyConfirmationState.CONFIRMED else 0)


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
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            for command in commands:
                connection.exec_driver_sql(command)
    finally:
        engine.dispose()


def state_at(url: str) -> StandbyConfirmationState:
    """Return the state of the standbys as a new connection sees it."""
    engine = open_engine(url)
    try:
        found = read_standbys(engine)
    finally:
        engine.dispose()
    assert found is not None
    return found.state


def test_a_real_server_is_seen_in_every_state(tmp_path: Path) -> None:
    """Doctor reports success only if a standby confirms each commit, and otherwise says what to do."""
    with postgresql() as server:
        url = f"{server.url}/postgres"
        plain = url.replace("postgres@", "plain@")

        def becomes(state: StandbyConfirmationState, seen_by: str = url) -> None:
            eventually(lambda: state_at(seen_by) is state, state.value)
            (check,) = check_standbys(seen_by)
            good = state is StandbyConfirmationState.CONFIRMED
            assert check.verdict is (DoctorCheckSeverity.OK if good else DoctorCheckSeverity.ATTENTION)
            assert good == (check.remedy is None)

        becomes(StandbyConfirmationState.NONE)
        with receiver(server, tmp_path / "wal"):
            becomes(StandbyConfirmationState.ASYNCHRONOUS)
            run(url, "CREATE ROLE plain LOGIN", "ALTER SYSTEM SET synchronous_standby_names = '*'")
            run(url, "SELECT pg_reload_conf()")
            becomes(StandbyConfirmationState.CONFIRMED)
            becomes(StandbyConfirmationState.UNSEEN, plain)
            run(url, "GRANT pg_read_all_stats TO plain")
            becomes(StandbyConfirmationState.CONFIRMED, plain)
        becomes(StandbyConfirmationState.MISSING)


def test_two_servers_that_take_writes_are_found() -> None:
    """Doctor finds two servers that both accept writes, even if a third server never answers."""
    with (
        postgresql() as primary,
        synchronous_standby(primary, primary.cluster.with_name("standby")) as standby,
        socket.create_server(("127.0.0.1", 0)) as silent,
    ):
        hosts = [f"host={server.address}:{server.port}" for server in (primary, standby)]
        named = f"postgresql+psycopg://{USER}@/postgres?"
        before = list(check_writable_servers(f"{named}{'&'.join(hosts)}"))

        run(f"{standby.url}/postgres", "SELECT pg_promote()")
        eventually(lambda: count_writable_servers(f"{named}{'&'.join(hosts)}") == len(hosts), "the promotion")

        (after,) = check_writable_servers(f"{named}host=127.0.0.1:{silent.getsockname()[1]}&{'&'.join(hosts)}")
        once = count_writable_servers(f"{named}{hosts[0]}&host=localhost:{primary.port}")
        alone = list(check_writable_servers(f"{primary.url}/postgres"))
    assert ([check.verdict for check in before], after.verdict) == ([DoctorCheckSeverity.OK], DoctorCheckSeverity.FAULT)
    (heading,) = re.findall(r"section (Two \w+)", str(after.remedy and after.remedy.msgid))
    assert f"\n## {heading}\n" in INCIDENTS.read_text("utf-8")
    assert (once, alone) == (1, [])


def test_a_primary_that_a_setting_pins_is_not_called_a_replica() -> None:
    """A primary that a setting makes read-only is not reported as a replica."""
    with postgresql() as primary, synchronous_standby(primary, primary.cluster.with_name("pinned")) as standby:
        hosts = [f"host={server.address}:{server.port}" for server in (standby, primary)]
        url = f"postgresql+psycopg://{USER}@/postgres?{'&'.join(hosts)}"

        def causes(url: str) -> tuple[NotReadyCause, str]:
            with temporary_engine(url) as engine, pytest.raises(DBAPIError) as failure:
                engine.connect()
            cause, sentence = database_failure_cause_of(failure.value, engine)
            return cause, translate(sentence, Language.ENGLISH)

        run(f"{primary.url}/postgres", "ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()")
        cause, sentence = eventually(lambda: count_writable_servers(url) == 0 and causes(url), "a pinned primary")
        assert cause is NotReadyCause.READ_ONLY
        assert "default_transaction_read_only" in sentence
        assert "(read-only)" in translate(check_database(url).sentence(), Language.ENGLISH)

        replica = f"postgresql+psycopg://{USER}@/postgres?{hosts[0]}&target_session_attrs=read-write"
        assert causes(replica)[0] is NotReadyCause.DEMOTED


def test_an_embedded_database_has_none(world: World, tmp_path: Path) -> None:
    """For SQLite, doctor says nothing about standbys, and the metrics have no value for them."""
    url = f"sqlite:///{tmp_path / 'election.sqlite3'}"
    assert not [*check_standbys(url), *check_writable_servers(url)]
    for count in (None, 0, 2):
        told, registry = (lambda: count), CollectorRegistry()  # noqa: B023  # used at once
        registry.register(ElectionMetricsCollector(world.store, world.clock, world.services.budgets, told, told))
        for figure in ("retrouve_synchronous_standbys", "retrouve_writable_database_servers"):
            assert (f"\n{figure} {count}.0\n" in generate_latest(registry).decode()) == (count is not None)
