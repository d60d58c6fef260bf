"""Counts the PostgreSQL servers of one URL that take writes: with more than one, the election has two databases that differ."""

from contextlib import closing, suppress
from typing import Any

from sqlalchemy import URL, make_url

from core.adapters.sql.database_tables_and_keys_check import shut_when_late
from core.adapters.sql.engine import postgresql_arguments
from core.adapters.sql.postgresql_host_order import hosts_and_ports

STARTED = "SELECT pg_postmaster_start_time()"
"""The same for two names of one server, and for no two servers."""


def count_writable_servers(url: str | URL) -> int | None:
    """Ask each server that the URL names; one that does not answer is not counted. Return None unless it names several."""
    address = make_url(url)
    if address.get_backend_name() != "postgresql":
        return None
    kind = address.get_dialect()
    dialect = kind(dbapi=kind.import_dbapi())  # type: ignore[call-arg]  # of every dialect that has a driver
    params = dialect.create_connect_args(address)[1]
    places = hosts_and_ports(params)
    if len(places) == 1:
        return None
    shared = {**params, **postgresql_arguments(address), "target_session_attrs": "read-write"}
    started = set[object]()
    for host, port in places:
        one = {name: value for name, value in {**shared, "host": host, "port": port}.items() if value}
        with suppress(dialect.loaded_dbapi.Error):
            connected: Any = dialect.connect(**one)  # an engine's first connection asks more, without a limit
            with closing(connected), shut_when_late(connected):
                started.add(connected.execute(STARTED).fetchone()[0])
    return len(started)
