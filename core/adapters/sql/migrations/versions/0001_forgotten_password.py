"""The tables of the forgotten password."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

IDENTITY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "counters",
        sa.Column("bucket", sa.LargeBinary(), nullable=False),
        sa.Column("began", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("bucket"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "events",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("case", sa.Text(), nullable=True),
        sa.Column("voter", IDENTITY, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_events_case"), "events", ["case"], unique=False)
    op.create_table(
        "voters",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("last_name", sa.Text(), nullable=False),
        sa.Column("first_name", sa.Text(), nullable=False),
        sa.Column("birth_date_digest", sa.LargeBinary(), nullable=False),
        sa.Column("numen_digest", sa.LargeBinary(), nullable=False),
        sa.Column("pseudonym", sa.LargeBinary(), nullable=False),
        sa.Column("phone_digest", sa.LargeBinary(), nullable=True),
        sa.Column("phone_ending", sa.Text(), nullable=True),
        sa.Column("academie", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("first_verifier", sa.Text(), nullable=True),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("password", sa.Text(), nullable=True),
        sa.Column("password_set", sa.BigInteger(), nullable=True),
        sa.Column("frozen", sa.BigInteger(), nullable=True),
        sa.Column("removed", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_voters_email",
        "voters",
        ["email"],
        unique=True,
        sqlite_where=sa.text("removed IS NULL"),
        postgresql_where=sa.text("removed IS NULL"),
    )
    op.create_index(
        "ix_voters_numen_digest",
        "voters",
        ["numen_digest"],
        unique=True,
        sqlite_where=sa.text("removed IS NULL"),
        postgresql_where=sa.text("removed IS NULL"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("voter", IDENTITY, nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("useful_until", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["voter"], ["voters.id"], name=op.f("fk_outbox_voter")),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_outbox_created",
        "outbox",
        ["created"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting' AND kind = 'ask'"),
        postgresql_where=sa.text("state = 'waiting' AND kind = 'ask'"),
    )
    op.create_index(
        "ix_outbox_due",
        "outbox",
        ["due"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "recoveries",
        sa.Column("handle", sa.LargeBinary(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("began", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("voter", IDENTITY, nullable=True),
        sa.ForeignKeyConstraint(["voter"], ["voters.id"], name=op.f("fk_recoveries_voter")),
        sa.PrimaryKeyConstraint("handle"),
        sa.UniqueConstraint("number"),
    )
    op.create_index(op.f("ix_recoveries_voter"), "recoveries", ["voter"], unique=False)
    op.create_table(
        "sessions",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("voter", IDENTITY, nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["voter"], ["voters.id"], name=op.f("fk_sessions_voter")),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_table(
        "links",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("voter", IDENTITY, nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("opened", sa.BigInteger(), nullable=True),
        sa.Column("used", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["case"], ["recoveries.number"], name=op.f("fk_links_case")),
        sa.ForeignKeyConstraint(["voter"], ["voters.id"], name=op.f("fk_links_voter")),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("ix_links_voter_expires", "links", ["voter", "expires"], unique=False)


def downgrade() -> None:
    for table in ("links", "sessions", "recoveries", "outbox", "voters", "events", "counters"):
        op.drop_table(table)
