"""When the desk last reopened an account."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("voters", sa.Column("reopened", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("voters", "reopened")
