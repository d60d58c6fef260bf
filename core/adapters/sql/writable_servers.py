"""Counts the PostgreSQL servers of one URL that take writes: with more than one, the election has two databases that differ."""

from contextlib import suppress

from sqlalchemy import URL, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from core.adapters.sql.database_tables_and_keys_check import answered_in_time
from core.adapters.sql.engine import temporary_engine
from core.adapters.sql.postgresql_host_order import hosts_and_ports

STARTED = text("SELECT pg_postmaster_start_time()")
"""The same for two names of one server, and for no two servers."""


def count_writable_servers(url: str | URL) -> int | None:
    """Ask each server that the URL names; one that does not answer is not counted. Return None unless it names several."""
    address = make_url(url)
    if address.get_backend_name() != "postgresql":
        return None
    _, params = address.get_dialect()().create_connect_args(address)
    places = hosts_and_ports(params)
    if len(places) == 1:
        return None
    started = set[object]()
    for host, port in places:
        query = {**address.query, "host": host, "port": port, "target_session_attrs": "read-write"}
        one = URL.create(
            address.drivername,
            address.username,
            address.password,
            database=address.database,
            query={name: value for name, value in query.items() if value},
        )
        with (
            suppress(SQLAlchemyError),
            temporary_engine(one) as engine,
            engine.connect() as connection,
            answered_in_time(connection),
        ):
            started.add(connection.execute(STARTED).scalar_one())
    return len(started)
