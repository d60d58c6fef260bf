"""Re-issues of the voting identifier: their slots, the numbers claimed, the codes awaited, and our own registry."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

IDENTITY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "registry",
        sa.Column("voter", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("verifier", sa.LargeBinary(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("frozen", sa.Boolean(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("voter"),
    )
    op.create_table(
        "phone_claims",
        sa.Column("phone", sa.LargeBinary(), nullable=False),
        sa.Column("voter", IDENTITY, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["voter"], ["voters.id"], name=op.f("fk_phone_claims_voter")),
        sa.PrimaryKeyConstraint("phone"),
    )
    op.create_table(
        "reissues",
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("voter", IDENTITY, nullable=False),
        sa.Column("slot", sa.Integer(), nullable=True),
        sa.Column("generation", sa.Integer(), nullable=True),
        sa.Column("began", sa.BigInteger(), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["case"], ["recoveries.number"], name=op.f("fk_reissues_case")),
        sa.ForeignKeyConstraint(["voter"], ["voters.id"], name=op.f("fk_reissues_voter")),
        sa.PrimaryKeyConstraint("case"),
    )
    op.create_index("ix_reissues_voter_slot", "reissues", ["voter", "slot"], unique=True)
    op.create_index(
        "ix_reissues_voter",
        "reissues",
        ["voter"],
        unique=True,
        sqlite_where=sa.text("ended IS NULL"),
        postgresql_where=sa.text("ended IS NULL"),
    )
    op.create_table(
        "awaited_codes",
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["case"], ["recoveries.number"], name=op.f("fk_awaited_codes_case")),
        sa.PrimaryKeyConstraint("case"),
    )
    op.create_index(op.f("ix_awaited_codes_phone"), "awaited_codes", ["phone"], unique=False)


def downgrade() -> None:
    for table in ("awaited_codes", "reissues", "phone_claims", "registry"):
        op.drop_table(table)
