"""Opens a database as the rules need it: serialised writers, foreign keys, and no wait without an end."""

import select
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, Connection, Dialect, Engine, create_engine, event, make_url
from sqlalchemy.exc import InvalidatePoolError

BUSY_SECONDS = 10
"""Seconds that a SQLite writer waits for the lock before the page says "try again"."""
PAGES_BEFORE_CHECKPOINT = 8_000
"""Pages of 4 KiB in the write-ahead log. Who writes the last of them copies all to the file and waits for the disk: at SQLite's
1,000, one ask in a hundred would."""
CONNECTIONS_KEPT = 40
"""Idle connections that a process keeps, no more than it ever used at once: forty agents look at the same time, and a server of
PostgreSQL's takes longer to start than to answer."""
WRITES = {"writes": True}
"""Execution options of a SQLAlchemy transaction that writes."""
POSTGRESQL_WAITS = {
    "connect_timeout": 2,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 8_000,
}
"""Defaults of libpq's parameters (seconds, and milliseconds for the last), which the URL may replace. A host that vanishes
without a word is given up after 8 to 11 seconds; the kernel's own limit is a quarter of an hour."""


def open_engine(url: str | URL) -> Engine:
    """Create an engine on SQLite (in a file) or PostgreSQL."""
    address = make_url(url)
    # Parameters hold addresses and digests: an error must not carry them into a log.
    engine = create_engine(
        address,
        connect_args=postgresql_arguments(address) if address.get_backend_name() == "postgresql" else {},
        pool_size=CONNECTIONS_KEPT,
        max_overflow=-1,
        pool_use_lifo=True,  # few servers of PostgreSQL's do the work, each with what it needs in its caches
        pool_reset_on_return=None,  # whoever begins a transaction ends it
        hide_parameters=True,
    )
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "checkout", _refuse_ended_connection)
        if "," in _hosts(address):
            event.listen(engine, "do_connect", PostgresqlHostOrder().connect)
    return engine


@contextmanager
def temporary_engine(url: str | URL) -> Iterator[Engine]:
    """Open an engine for as long as the block lasts."""
    engine = open_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def writing_connection(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that writes, and whose statements may take long."""
    with engine.connect() as connection:
        connection.execution_options(**WRITES)
        with connection.begin():
            lift_statement_time_limit(connection)
            yield connection


@contextmanager
def open_snapshot_transaction(engine: Engine) -> Iterator[Connection]:
    """Open a transaction whose reads see one instant (SQLite's always do) and may take long."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection.begin():
            lift_statement_time_limit(connection)
            yield connection


def lift_statement_time_limit(connection: Connection) -> None:
    """Let the statements of this transaction take long: a store leaves its limit on the pooled connections of PostgreSQL."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")


def postgresql_arguments(url: URL) -> dict[str, Any]:
    """Return the driver's arguments of a connection to PostgreSQL, but for those that the URL gives."""
    # psycopg forgets all prepared statements at a rollback, those of core.adapters.sql.postgresql_pipeline too, if it keeps some itself.
    # Of a database that has no encoding (SQL_ASCII), psycopg would give bytes before anything could be checked.
    wanted: dict[str, Any] = {"prepare_threshold": None, "client_encoding": "utf8", **POSTGRESQL_WAITS}
    if "," in _hosts(url):
        wanted["target_session_attrs"] = "read-write"
    return {name: value for name, value in wanted.items() if name not in url.query}


def is_postgresql_on_this_machine(url: URL) -> bool:
    """Return whether a PostgreSQL server is on this machine, judged by its address."""
    return _hosts(url) in {"", "localhost", "127.0.0.1", "::1"} or _hosts(url).startswith("/")


def _hosts(url: URL) -> str:
    named = url.query.get("host", url.host or "")
    return named if isinstance(named, str) else ",".join(named)


def _refuse_ended_connection(connection: Any, _record: object, _proxy: object) -> None:  # noqa: ANN401  # psycopg's, which SQLite does without
    """Give up every idle connection once the server has said something on one: it says nothing unasked unless it ends it."""
    idle = select.poll()
    idle.register(connection.fileno(), select.POLLIN)
    if idle.poll(0):
        raise InvalidatePoolError


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves: the driver would say it too late and not IMMEDIATE
    connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA foreign_keys = ON")
    # Temporary tables hold the lines of people: in a file they would stand outside the election's folder.
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA wal_autocheckpoint = {PAGES_BEFORE_CHECKPOINT}")


def _begin_sqlite(connection: Connection) -> None:
    if connection.connection.driver_connection.in_transaction:  # type: ignore[union-attr]  # sqlite3's
        return  # begun by core.adapters.sql.store
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")  # whose errors are SQLAlchemy's


def hosts_and_ports(params: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the hosts that libpq is given, each with its port, or an empty one where none is named."""
    hosts, ports = params.get("host", "").split(","), str(params.get("port", "")).split(",")
    named = ports if len(ports) == len(hosts) else ports * len(hosts)
    return list(zip(hosts, named, strict=True))


class PostgresqlHostOrder:
    """Opens connections at the host that led to the primary last; once that failed, at all others before it.

    Each host that is gone without a word costs two seconds.
    """

    def __init__(self) -> None:
        self._last: tuple[str, ...] | None = None
        self._failed = False

    def connect(self, dialect: Dialect, _record: object, _arguments: object, params: Mapping[str, Any]) -> Any:  # noqa: ANN401  # psycopg's
        """Open a connection. Listens to SQLAlchemy's `do_connect`."""
        try:
            made = dialect.connect(**{**params, **self._ordered(params)})
        except dialect.loaded_dbapi.Error:
            self._failed = True
            raise
        self._last, self._failed = (made.info.host, str(made.info.port)), False
        return made

    def _ordered(self, params: Mapping[str, Any]) -> dict[str, str]:
        """Return the hosts and, where the URL names them, their ports."""
        places = hosts_and_ports(params)
        places.sort(key=lambda place: self._is_last(place) is self._failed)
        return {
            "host": ",".join(host for host, _ in places),
            **({"port": ",".join(port for _, port in places)} if "port" in params else {}),
        }

    def _is_last(self, place: tuple[str, str]) -> bool:
        return self._last is not None and place[0] == self._last[0] and place[1] in {"", self._last[1]}
