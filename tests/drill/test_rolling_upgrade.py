"""While two hosts are upgraded one after the other, all pages tell the voters the truth."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copytree

from cli.checks.database import check_database
from core.adapters.sql.schema_version import HEAD
from core.text.text import Language
from core.text.translation import translate
from tests.drill.judge import Verdict, judge
from tests.drill.play import Drill, coming_voters, settle
from tests.drill.record import Act, Record, Told
from tests.drill.service import SETTINGS, Service, on_one_server
from tests.support.postgres import postgresql
from tests.support.product import RETROUVE, Installation, Place, eventually, hosts, inside

ROOT = Path(__file__).parents[2]
PROGRAM = ("cli", "core", "demo", "guides", "templates", "tui", "webhook")
NEXT = f"{int(HEAD) + 1:04}"
VERSION, COMMIT = "99.0.0", "f" * 12
MIGRATION = f'''"""Add columns, an index and a table that refers to voters."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "{NEXT}", "{HEAD}"


def upgrade() -> None:
    op.add_column("voters", sa.Column("later", sa.Integer(), nullable=False, server_default="7"))
    op.add_column("voters", sa.Column("note", sa.Text()))
    op.create_index("ix_voters_later", "voters", ["later"])
    op.create_table(
        "notes",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("voter", sa.BigInteger(), sa.ForeignKey("voters.id", name="fk_notes_voter"), nullable=False),
    )
'''
SEED, VOTERS, PEOPLE = 15, 200, 2
SECONDS_FOR_VOTERS = 300
SENT = '"event":"mail-accepted"'


def next_version(folder: Path) -> tuple[str, ...]:
    """Make a program of the next version, with a migration that only adds. Returns the start of its command line."""
    for package in PROGRAM:
        copytree(ROOT / package, folder / package)
    versions = folder / "core/adapters/sql/migrations/versions"
    (versions / f"{NEXT}_later.py").write_text(MIGRATION, "utf-8")
    (folder / "cli/commit.txt").write_text(COMMIT, "utf-8")
    told = folder / f"retrouve-{VERSION}.dist-info/METADATA"
    told.parent.mkdir()
    told.write_text(f"Metadata-Version: 2.1\nName: retrouve\nVersion: {VERSION}\n", "utf-8")
    return "env", "PYTHONSAFEPATH=1", f"PYTHONPATH={folder}"


def run(host: Installation, *command: str) -> str:
    """Run a command with the program of a host, and return its output. The command may fail."""
    ended = subprocess.run(
        [*host.place.inside, *RETROUVE, *command],
        env={**os.environ, **host.variables, "RETROUVE_LANGUAGE": "en"},
        check=False,
        capture_output=True,
        text=True,
    )
    return ended.stdout + ended.stderr


@contextmanager
def two_hosts(folder: Path) -> Iterator[Service]:
    """Run two hosts with this version on one PostgreSQL. Each host has a site and a courier."""
    with postgresql() as server, hosts(folder, f"{server.url}/postgres", voters=VOTERS) as made:
        made[0].start("mailbox")
        made[0].start("telephone")
        for host in made:
            host.variables |= SETTINGS
            host.start("serve")
            host.start("courier")
        with inside(made[0]) as within:
            yield on_one_server(made, within)


def test_two_hosts_are_upgraded_one_after_the_other_while_voters_come(tmp_path: Path) -> None:
    """The old and the new program run side by side, and no action that a page reported is lost or done twice."""
    newer = next_version(tmp_path / "newer")
    with two_hosts(tmp_path / "hosts") as service:
        made = Drill(service, Record(tmp_path / "told.jsonl"), SEED)
        first, second = service.hosts

        def voters_got_through(*sites: Installation) -> None:
            """Wait until a password was chosen at each site, and each courier has sent a mail."""
            since = len(made.record.attempts)
            sent = [host.logs().count(SENT) for host in sites]

            def done() -> bool:
                chosen = {
                    one.site for one in made.record.attempts[since:] if (one.act, one.told) == (Act.CHOOSE, Told.DONE)
                }
                return chosen >= {host.site for host in sites} and all(
                    host.logs().count(SENT) > before for host, before in zip(sites, sent, strict=True)
                )

            eventually(done, f"voters at {[host.site for host in sites]}", SECONDS_FOR_VOTERS)

        with coming_voters(made, PEOPLE):
            voters_got_through(first, second)

            # The new program is installed on the first host.
            first.place = Place(first.place.address, newer)
            assert run(first, "--version").strip() == f"retrouve {VERSION} (commit {COMMIT})"
            assert f"{HEAD}; this program expects {NEXT}" in run(first, "agent", "list", "--dir", str(first.folder))
            upgraded = run(first, "init", "--upgrade", "--dir", str(first.folder))
            assert service.rows("SELECT version_num FROM alembic_version") == [(NEXT,)], upgraded
            assert "voters.later" in translate(check_database(str(second.database)).sentence(), Language.ENGLISH)
            voters_got_through(second, first)  # both still run the old program

            for name in ("serve", "courier"):
                first.stop(name)
                first.start(name)
            voters_got_through(first, second)

            for name in ("serve", "courier"):
                second.stop(name)
            voters_got_through(first)
        service.hosts.pop()
        settle(service)
        found = judge(made)

    assert found == Verdict()
    assert made.record.without_retry == []
