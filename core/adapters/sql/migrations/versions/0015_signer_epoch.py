"""Add the epoch of a signer's account to the requests for a signature."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.execute("DELETE FROM signature_requests")  # they live five minutes, and their tags do not cover the new column
    op.add_column("signature_requests", sa.Column("signer_epoch", sa.Integer()))


def downgrade() -> None:
    op.drop_column("signature_requests", "signer_epoch")
