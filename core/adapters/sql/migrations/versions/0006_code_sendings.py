"""The codes sent to each voter, which limit how many more there are."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0003"

IDENTITY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "code_sendings",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("voter", IDENTITY, nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["voter"], ["voters.id"], name=op.f("fk_code_sendings_voter")),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_code_sendings_voter_at", "code_sendings", ["voter", "at"])


def downgrade() -> None:
    op.drop_table("code_sendings")
