"""The tables of version 1.0.

Until the release of 1.0.0, this revision creates the tables declared in `tables.py`, so each column is written once.
The release will copy the tables here, and later changes will be separate revisions.
"""

from alembic import op

from core.adapters.sql.tables import metadata

revision = "0001"
down_revision = None


def upgrade() -> None:
    metadata.create_all(op.get_bind())


def downgrade() -> None:
    metadata.drop_all(op.get_bind())
