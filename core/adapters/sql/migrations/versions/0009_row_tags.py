"""The tags of rows that decide, and the digest of a credential in the journal."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

TABLES = ("voters", "agents", "links", "sessions", "phone_claims", "reissues")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("mac", sa.LargeBinary(), nullable=True))
    op.add_column("events", sa.Column("credential", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("events", "credential")
    for table in TABLES:
        op.drop_column(table, "mac")
