"""The tables of version 1.0.

Until 1.0.0 is released, this revision creates whatever `tables.py` declares, so that a column is written in one place. The
release writes the tables out here, and later changes are revisions of their own.
"""

from alembic import op

from core.adapters.sql.tables import metadata

revision = "0001"
down_revision = None


def upgrade() -> None:
    metadata.create_all(op.get_bind())


def downgrade() -> None:
    metadata.drop_all(op.get_bind())
