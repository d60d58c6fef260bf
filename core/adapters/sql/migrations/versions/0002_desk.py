"""The tables of the desk: who sits there, and the words by which they find voters."""

import sqlalchemy as sa
from alembic import op

from core.forms.name_words import search_words

revision = "0002"
down_revision = "0005"

IDENTITY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BY_BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
AT_ONCE = 5_000


def upgrade() -> None:
    op.add_column("events", sa.Column("agent", sa.Text(), nullable=True))
    op.add_column("voters", sa.Column("folded", sa.Text(), nullable=False, server_default=""))
    if op.get_bind().dialect.name == "postgresql":
        op.execute('ALTER TABLE voters ALTER COLUMN email TYPE text COLLATE "C"')
    op.create_table(
        "agents",
        sa.Column("id", IDENTITY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("password", sa.Text(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("first", sa.Boolean(), nullable=False),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("added", sa.BigInteger(), nullable=False),
        sa.Column("removed", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "names",
        sa.Column("word", BY_BYTES, nullable=False),
        sa.Column("voter", IDENTITY, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("word", "voter"),
        sqlite_with_rowid=False,
    )
    _index("ix_voters_frozen", "voters", ["frozen"], "removed IS NULL AND frozen IS NOT NULL")
    _index("ix_events_voter", "events", ["voter", "id"], "voter IS NOT NULL")
    _index("ix_events_bounced", "events", ["id"], "act = 'mail-bounced'")
    _index("ix_outbox_ended", "outbox", ["ended"], "state = 'parked'")
    _find_those_there_already()


def _index(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def _find_those_there_already() -> None:
    """Whoever is on the roll before this version is found by name too."""
    voters = sa.table("voters", *map(sa.column, ("id", "last_name", "first_name", "folded", "removed")))
    names = sa.table("names", sa.column("word"), sa.column("voter"))
    last, connection = 0, op.get_bind()
    page = sa.select(voters).where(voters.c.id > sa.bindparam("last")).order_by(voters.c.id).limit(AT_ONCE)
    while rows := connection.execute(page, {"last": last}).all():
        words = {row.id: search_words(row.last_name, row.first_name) for row in rows}
        change = sa.update(voters).where(voters.c.id == sa.bindparam("voter")).values(folded=sa.bindparam("words"))
        connection.execute(change, [{"voter": voter, "words": found} for voter, found in words.items()])
        present = [row.id for row in rows if row.removed is None]
        kept = [{"word": word, "voter": voter} for voter in present for word in words[voter].split()]
        if kept:
            connection.execute(sa.insert(names), kept)
        last = rows[-1].id


def downgrade() -> None:
    op.drop_table("names")
    op.drop_table("agents")
    for index, table in (("voters_frozen", "voters"), ("events_voter", "events"), ("events_bounced", "events")):
        op.drop_index(f"ix_{index}", table)
    op.drop_index("ix_outbox_ended", "outbox")
    op.drop_column("voters", "folded")
    op.drop_column("events", "agent")
