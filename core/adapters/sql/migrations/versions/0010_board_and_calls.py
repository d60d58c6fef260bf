"""Indexes that find the board's mails first, and the people whom the desk is to call."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

WAITING_FOR_BOARD = sa.text("state = 'waiting' AND kind = 'checkpoint'")
CALLS = sa.text("act = 'call-needed'")


def upgrade() -> None:
    op.create_index(
        "ix_outbox_board", "outbox", ["due"], sqlite_where=WAITING_FOR_BOARD, postgresql_where=WAITING_FOR_BOARD
    )
    op.create_index("ix_events_calls", "events", ["id"], sqlite_where=CALLS, postgresql_where=CALLS)


def downgrade() -> None:
    op.drop_index("ix_events_calls", "events")
    op.drop_index("ix_outbox_board", "outbox")
