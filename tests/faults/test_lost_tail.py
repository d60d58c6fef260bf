"""If an older copy of a PostgreSQL database is restored, the lost minutes can be declared, found and repaired."""

import subprocess
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from tests.support.lost_interval import before, declare_verify_repair, lost_interval, new_election
from tests.support.platform_server import platform_server
from tests.support.postgres import postgresql


def test_a_lost_tail_is_declared_verified_repaired_and_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The loss is declared and repaired with the platform's data, and the helpdesk has a list of voters to call."""
    with postgresql() as server, platform_server() as platform:
        engine = create_engine(f"{server.url}/postgres", isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql("CREATE DATABASE election")
        engine.dispose()
        election = new_election(tmp_path, f"{server.url}/election", platform, monkeypatch)
        session, camille = before(election)
        server.stop()
        older = server.cluster.with_name("older")
        subprocess.run(["cp", "-a", server.cluster, older], check=True)
        server.start()
        told = lost_interval(election, session, camille)
        server.stop()
        server.cluster.rename(server.cluster.with_name("lost"))
        older.rename(server.cluster)
        server.start()
        declare_verify_repair(election, told, "failover")
