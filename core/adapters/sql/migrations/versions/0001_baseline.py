"""Creates the tables of version 1.0.

Until version 1.0.0 is released, this revision creates the tables that `tables.py` declares, so that each column is
written only once. The release will copy the tables into this file, and each later change will be a revision of its own.
"""

from alembic import op

from core.adapters.sql.tables import metadata

revision = "0001"
down_revision = None


def upgrade() -> None:
    metadata.create_all(op.get_bind())


def downgrade() -> None:
    metadata.drop_all(op.get_bind())
