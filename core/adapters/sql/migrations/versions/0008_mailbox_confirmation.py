"""Links that confirm the request of a new identifier, beside those to a password."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("links", sa.Column("kind", sa.Text(), nullable=False, server_default="password"))
