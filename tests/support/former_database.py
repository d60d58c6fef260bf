"""A database as the version before rows had tags left it."""

from sqlalchemy import Engine, select, text, update

from core.adapters.sql.protected_tables import MAC, PROTECTED, VOTERS
from core.adapters.sql.row_authentication import RowAuthenticator
from core.adapters.sql.tables import (
    call_backs,
    calls,
    events,
    hand_overs,
    hosts,
    incidents,
    properties,
    signature_requests,
    voters,
)

FORMER = "0008"
"""The last migration of that version."""


def take_tags_away(engine: Engine, rows: RowAuthenticator) -> None:
    """Take tags, seals and digests away."""
    with engine.execution_options(writes=True).begin() as connection:
        for row in connection.execute(select(*VOTERS.columns)).all():
            clear = rows.open_row(VOTERS, row)
            assert clear is not None
            connection.execute(update(voters).where(voters.c.id == row[0]).values(password=clear["password"]))
        for protected in PROTECTED:
            connection.execute(update(protected.table).values({MAC: None}))
        connection.execute(update(events).values(credential=None))


def take_columns_away(engine: Engine) -> None:
    """Go back to the former version's tables."""
    with engine.execution_options(writes=True).begin() as connection:
        for protected in PROTECTED:
            connection.execute(text(f"ALTER TABLE {protected.name} DROP COLUMN {MAC}"))
        connection.execute(text("ALTER TABLE events DROP COLUMN credential"))
        for index in ("ix_outbox_board", "ix_events_calls", "ix_voters_academie"):
            connection.execute(text(f"DROP INDEX {index}"))
        for table in (properties, hosts, calls, call_backs, hand_overs, incidents, signature_requests):
            connection.execute(text(f"DROP TABLE {table.name}"))
        connection.execute(text(f"UPDATE alembic_version SET version_num = '{FORMER}'"))  # noqa: S608  # our own
