"""The tables of the journal's chain."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

IDENTITY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "seals",
        sa.Column("position", IDENTITY, autoincrement=False, nullable=False),
        sa.Column("line", IDENTITY, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("position"),
        sa.UniqueConstraint("line"),
    )
    op.create_table(
        "gaps",
        sa.Column("first", IDENTITY, autoincrement=False, nullable=False),
        sa.Column("last", IDENTITY, nullable=False),
        sa.PrimaryKeyConstraint("first"),
    )
    op.create_table(
        "checkpoints",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )


def downgrade() -> None:
    for table in ("checkpoints", "gaps", "seals"):
        op.drop_table(table)
