"""Keep one row of each call: an agent who ended one again while the first answer was under way might have written two."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

KEEP_FIRST = sa.text("DELETE FROM calls WHERE id NOT IN (SELECT min(id) FROM calls GROUP BY agent, began)")


def upgrade() -> None:
    op.execute(KEEP_FIRST)  # the journal keeps the lines of all of them
    op.create_index("ix_calls_agent", "calls", ["agent", "began"], unique=True)


def downgrade() -> None:
    op.drop_index("ix_calls_agent", "calls")
