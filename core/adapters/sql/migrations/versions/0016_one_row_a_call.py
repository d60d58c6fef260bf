"""Keep one row of each call: an agent who ended one again while the first answer was under way might have written two."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

ALONE = sa.text("LOCK TABLE calls IN SHARE ROW EXCLUSIVE MODE")
KEEP_LAST = sa.text("DELETE FROM calls WHERE id NOT IN (SELECT max(id) FROM calls GROUP BY agent, began)")


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(ALONE)  # a row that came between the two statements that follow would stop the second
    op.execute(KEEP_LAST)  # the outcome said last counts; the journal keeps the lines of all of them
    op.create_index("ix_calls_agent", "calls", ["agent", "began"], unique=True)


def downgrade() -> None:
    op.drop_index("ix_calls_agent", "calls")
