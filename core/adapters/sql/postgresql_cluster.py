"""Finds out which PostgreSQL servers confirm commits and which accept writes."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from enum import StrEnum

import msgspec
from sqlalchemy import URL, Engine, make_url, text
from sqlalchemy.exc import DBAPIError

from core.adapters.sql.engine import temporary_engine
from core.adapters.sql.outages import translate_errors
from core.adapters.sql.postgresql_hosts import hosts_and_ports

# Without pg_read_all_stats, an account sees the rows of other accounts with NULL instead of their states.
READ_STANDBYS = text(
    "SELECT current_setting('synchronous_standby_names'),"
    " count(*), count(sync_state), count(*) FILTER (WHERE sync_state IN ('sync', 'quorum')) FROM pg_stat_replication"
)


class StandbyConfirmationState(StrEnum):
    CONFIRMED = "confirmed"
    NONE = "none"
    ASYNCHRONOUS = "asynchronous"
    """Standby servers are connected, but commits do not wait for them."""
    MISSING = "missing"
    """Commits hang, because they wait for a standby server but none is connected."""
    UNSEEN = "unseen"
    """The account lacks permission to see the standby servers."""


class StandbyReport(msgspec.Struct, frozen=True):
    names: str
    connected: int
    seen: int
    confirming: int

    @property
    def state(self) -> StandbyConfirmationState:
        if not self.names:
            return StandbyConfirmationState.ASYNCHRONOUS if self.connected else StandbyConfirmationState.NONE
        if self.seen < self.connected:
            return StandbyConfirmationState.UNSEEN
        return StandbyConfirmationState.CONFIRMED if self.confirming else StandbyConfirmationState.MISSING

    @property
    def confirming_standby_count(self) -> int:
        return self.confirming if self.state is StandbyConfirmationState.CONFIRMED else 0


def read_standbys(engine: Engine) -> StandbyReport | None:
    """Ask a PostgreSQL server for its standby servers. Returns None for SQLite. Raises SQLAlchemyError."""
    if engine.dialect.name != "postgresql":
        return None
    with engine.connect() as connection:
        return StandbyReport(*connection.execute(READ_STANDBYS).one())


def count_confirming_standbys(engine: Engine) -> int | None:
    with translate_errors(engine.dialect):
        found = read_standbys(engine)
    return None if found is None else found.confirming_standby_count


STARTED = "SELECT pg_postmaster_start_time()"
"""Query for a server's start time, which identifies the server."""


IN_RECOVERY = "SELECT pg_is_in_recovery()"


def count_writable_servers(url: str | URL) -> int | None:
    """Return how many of the URL's servers accept writes, or None if the URL has a single server."""
    address = make_url(url)
    if address.get_backend_name() != "postgresql":
        return None
    servers = server_urls(address)
    return None if len(servers) == 1 else len(set(_answers(servers, STARTED, "read-write")))


def is_primary_read_only(url: URL) -> bool:
    """Return whether a primary server in the URL is configured as read-only."""
    return any(answer is False for answer in _answers(server_urls(url), IN_RECOVERY, "any"))


def server_urls(address: URL) -> list[URL]:
    kind = address.get_dialect()
    dialect = kind(dbapi=kind.import_dbapi())  # type: ignore[call-arg]  # every dialect with a driver accepts it
    params = dialect.create_connect_args(address)[1]
    alone = address.set(host=None, port=None).difference_update_query(["host", "port"])
    return [
        alone.update_query_dict({"host": f"{host}:{port}" if port else host}) for host, port in hosts_and_ports(params)
    ]


def _answers(servers: Sequence[URL], question: str, session: str) -> Iterator[object]:
    for server in servers:
        url = server.update_query_dict({"target_session_attrs": session})
        with suppress(DBAPIError), temporary_engine(url) as engine, engine.connect() as connection:
            yield connection.exec_driver_sql(question).scalar_one()
