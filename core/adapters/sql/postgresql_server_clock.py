"""The clock of a PostgreSQL server, which its hosts follow. SQLite's is the host's own."""

from datetime import datetime

from sqlalchemy import Connection, text

from core.adapters.sql.driver_statement_executor import StatementDriver
from core.adapters.sql.tables import EPOCH, MICROSECOND

MICROSECONDS = "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)"


def server_time(connection: Connection) -> datetime:
    """Return the server's time."""
    return _moment(connection.execute(text(MICROSECONDS)).scalar_one())


def server_time_in_transaction(driver: StatementDriver) -> datetime:
    """Return the server's time, in a transaction that has begun."""
    return _moment(driver.rows(MICROSECONDS, ())[0][0])


def _moment(microseconds: int) -> datetime:
    return EPOCH + microseconds * MICROSECOND
