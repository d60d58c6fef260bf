"""Add the tables of how calls at the desk ended, whom to call back, and the files handed to a colleague."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

IDENTITY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "calls",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("began", sa.BigInteger(), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("voter", IDENTITY),
        sa.Column("case", sa.Text()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["voter"], ["voters.id"], name=op.f("fk_calls_voter")),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_calls_voter", "calls", ["voter"])
    op.create_index("ix_calls_case", "calls", ["case"])
    op.create_table(
        "call_backs",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("voter", IDENTITY),
        sa.Column("case", sa.Text()),
        sa.Column("asked", sa.BigInteger(), nullable=False),
        sa.Column("promised_by", sa.Text()),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger()),
        sa.Column("assigned", sa.Text()),
        sa.Column("taken_by", sa.Text()),
        sa.Column("taken", sa.BigInteger()),
        sa.Column("done", sa.BigInteger()),
        sa.Column("outcome", sa.Text()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["voter"], ["voters.id"], name=op.f("fk_call_backs_voter")),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_call_backs_voter", "call_backs", ["voter"])
    waiting = sa.text("done IS NULL")
    op.create_index("ix_call_backs_due", "call_backs", ["due"], sqlite_where=waiting, postgresql_where=waiting)
    op.create_table(
        "hand_overs",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("voter", IDENTITY),
        sa.Column("case", sa.Text()),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("given_to", sa.Text(), nullable=False),
        sa.Column("given", sa.BigInteger(), nullable=False),
        sa.Column("taken", sa.BigInteger()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["voter"], ["voters.id"], name=op.f("fk_hand_overs_voter")),
        sa.PrimaryKeyConstraint("id"),
    )
    untaken = sa.text("taken IS NULL")
    op.create_index(
        "ix_hand_overs_given_to", "hand_overs", ["given_to"], sqlite_where=untaken, postgresql_where=untaken
    )


def downgrade() -> None:
    for table in ("hand_overs", "call_backs", "calls"):
        op.drop_table(table)
