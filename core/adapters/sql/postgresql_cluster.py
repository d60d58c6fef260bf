"""Reads which servers of a PostgreSQL cluster confirm each commit, and which accept writes.

Unless a server confirms commits, a failover loses changes that users have already seen. If several servers accept
writes, the election has two databases that diverge.
"""

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
    """A standby server confirms each commit."""
    NONE = "none"
    """No standby server is connected, and commits do not wait for one."""
    ASYNCHRONOUS = "asynchronous"
    """Standby servers are connected, but commits do not wait for them."""
    MISSING = "missing"
    """Commits wait for a standby server, but none is connected, so each commit hangs."""
    UNSEEN = "unseen"
    """The database account lacks the permission to see the standby servers."""


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
    """Query a PostgreSQL server for its standby servers. Return None for SQLite. Raises SQLAlchemyError."""
    if engine.dialect.name != "postgresql":
        return None
    with engine.connect() as connection:
        return StandbyReport(*connection.execute(READ_STANDBYS).one())


def count_confirming_standbys(engine: Engine) -> int | None:
    """Return how many standby servers confirm each commit, or None for SQLite. Raises StoreUnavailable."""
    with translate_errors(engine.dialect):
        found = read_standbys(engine)
    return None if found is None else found.confirming_standby_count


STARTED = "SELECT pg_postmaster_start_time()"
"""Query for the start time of a server, which identifies the server even if the URL names it twice."""


def count_writable_servers(url: str | URL) -> int | None:
    """Return how many servers in the URL accept writes, or None if the URL names only one server."""
    address = make_url(url)
    if address.get_backend_name() != "postgresql":
        return None
    kind = address.get_dialect()
    dialect = kind(dbapi=kind.import_dbapi())  # type: ignore[call-arg]  # every dialect with a driver accepts it
    params = dialect.create_connect_args(address)[1]
    places = hosts_and_ports(params)
    if len(places) == 1:
        return None
    alone = address.set(host=None, port=None).difference_update_query(["host", "port"])
    started = set[object]()
    for host, port in places:
        place = {"host": f"{host}:{port}" if port else host, "target_session_attrs": "read-write"}
        with (
            suppress(DBAPIError),
            temporary_engine(alone.update_query_dict(place)) as engine,
            engine.connect() as connection,
        ):
            started.add(connection.exec_driver_sql(STARTED).scalar_one())
    return len(started)
