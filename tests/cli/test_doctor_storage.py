"""`retrouve doctor` finds wrong keys, differing tables, full disks, damaged pages and hosts with a wrong clock."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import create_engine, insert, text
from sqlalchemy.pool import NullPool

from cli.checks import DoctorCheckResult, DoctorCheckSeverity
from cli.checks.clocks import check_hosts_clocks
from cli.checks.database import check_database, check_database_keys, check_roll_pseudonyms
from cli.checks.disks import check_disk_space_and_damage
from cli.doctor import run_checks
from core.adapters.sql.tables import hosts
from core.app.settings import Settings
from core.text.text import Language
from core.text.translation import translate
from tests.support.disks import fill, small_disk
from tests.support.folders import copied_folder, made_folder
from tests.support.postgres import new_cluster, running
from tests.support.settings import load_with
from tests.support.stores import BLANK, new_database

OK, ATTENTION, FAULT = DoctorCheckSeverity
NOW = datetime(2018, 12, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def server() -> str:
    """A PostgreSQL database with the tables of this version."""
    return new_database(BLANK)


def settings_on(folder: Path, url: str | None = None) -> Settings:
    return load_with(folder, {} if url is None else {"RETROUVE_DATABASE_URL": url})


def said(checks: Iterator[DoctorCheckResult] | tuple[DoctorCheckResult, ...]) -> list[tuple[DoctorCheckSeverity, str]]:
    return [(check.verdict, translate(check.sentence(), Language.FRENCH)) for check in checks]


def run_sqlite(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(folder / "retrouve.sqlite3")) as connection, connection:
        connection.execute(statement)


def test_a_foreign_key_file_is_named_and_the_roll_is_not_to_be_imported(folder: Path, tmp_path: Path) -> None:
    """Doctor names each key file of another election, and does not advise to import the roll again."""
    assert [verdict for verdict, _ in said(check_database_keys(settings_on(folder), folder))] == [OK]
    other = made_folder(tmp_path / "other")
    for name in ("master.key", "keys/desk.key"):
        shutil.copy(other / name, folder / name)

    ((verdict, sentence),) = said(check_database_keys(settings_on(folder), folder))
    everything = " ".join(sentence for _, sentence in said(run_checks(folder, NOW)))

    assert (verdict, "master.key, keys/desk.key :" in sentence) == (FAULT, True)
    assert "roll import" not in everything


def test_what_a_database_lacks_is_told(folder: Path) -> None:
    """Doctor reports a missing index or key fingerprint as a fault, and asks for attention if the roll is empty."""
    run_sqlite(folder, "CREATE INDEX more ON voters (academie)")
    more = said((check_database(settings_on(folder).database_url),))
    run_sqlite(folder, "DROP INDEX ix_outbox_due")
    less = said((check_database(settings_on(folder).database_url),))

    assert (more[0][0], "index voters.more" in more[0][1]) == (ATTENTION, True)
    assert (less[0][0], "index outbox.ix_outbox_due" in less[0][1]) == (FAULT, True)

    ((verdict, sentence),) = said(check_roll_pseudonyms(folder))
    assert (verdict, "elle est vide" in sentence) == (ATTENTION, True)

    run_sqlite(folder, "DELETE FROM properties")

    ((verdict, sentence),) = said(check_database_keys(settings_on(folder), folder))
    assert (verdict, "init --upgrade" in sentence) == (FAULT, True)


def test_a_full_and_a_nearly_full_disk_are_told(tmp_path: Path) -> None:
    """Doctor asks for attention if the disk is nearly full, and reports a full disk as a fault."""
    with small_disk(tmp_path / "disk", "200m") as disk:
        folder = copied_folder(disk / "election")
        room = said(check_disk_space_and_damage(settings_on(folder), folder))
        with (disk / "data").open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(disk).free - (18 << 20))
        little = said(check_disk_space_and_damage(settings_on(folder), folder))
        ballast = fill(disk)
        nothing = said(check_disk_space_and_damage(settings_on(folder), folder))
        ballast.unlink()

    assert [found[0][0] for found in (room, little, nothing)] == [OK, ATTENTION, FAULT]
    assert "il est plein" in nothing[0][1]


def test_a_damaged_page_is_found(folder: Path) -> None:
    """Doctor reports a damaged page of an SQLite database as a fault."""
    settings = settings_on(folder)
    sound = said(check_disk_space_and_damage(settings, folder))[-1]
    with (folder / "retrouve.sqlite3").open("r+b") as file:
        file.seek(4096 * 3)
        file.write(b"\xff" * 4096)

    damaged = said(check_disk_space_and_damage(settings, folder))[-1]

    assert (sound[0], damaged[0]) == (OK, FAULT)
    assert "pages de la base" in damaged[1]


def test_what_a_postgresql_does_not_show_is_said(folder: Path, server: str) -> None:
    """For PostgreSQL, doctor says what it could not check of the disk and the pages."""
    settings = settings_on(folder, server)
    without = said(check_disk_space_and_damage(settings, folder))
    admin = create_engine(server, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        checksums = connection.execute(text("SHOW data_checksums")).scalar_one()
        connection.execute(text("CREATE EXTENSION amcheck"))
        connection.execute(text("CREATE ROLE clerk LOGIN"))
    clerk = settings_on(folder, server.replace("postgres@", "clerk@"))

    examined, unprivileged = (said(check_disk_space_and_damage(each, folder)) for each in (settings, clerk))

    assert [sentence.partition(" : ")[0] for _, sentence in without] == [
        "bon – disque",
        "bon – disque de la base",
        "attention – pages de la base",
    ]
    assert examined[-1][0] is (OK if checksums == "on" else ATTENTION)
    assert [verdict for verdict, _ in unprivileged] == [OK, ATTENTION, ATTENTION]
    assert "ne se voit pas d'ici" in unprivileged[1][1]


def test_a_full_disk_of_the_log_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Doctor also checks the disk of `pg_wal` if it is a separate one, or says that it cannot see this disk."""
    with TemporaryDirectory() as temporary:
        above = Path(temporary)
        above.chmod(0o755)
        cluster = new_cluster(above / "cluster")
        log = cluster.cluster / "pg_wal"
        with small_disk(above / "disk", "64m") as disk:
            log.rename(above / "kept")
            subprocess.run(["cp", "-a", above / "kept", disk / "pg_wal"], check=True)
            log.symlink_to(disk / "pg_wal")
            with running(cluster):
                ballast = fill(disk)
                settings = settings_on(folder, f"{cluster.url}/postgres")
                found = said(check_disk_space_and_damage(settings, folder))
                ballast.unlink()
                monkeypatch.setattr(os, "access", lambda *_: False)
                unseen = said(check_disk_space_and_damage(settings, folder))

    assert f"pour {cluster.cluster}." in found[1][1]
    assert found[2][0] is FAULT
    assert f"pour {log}." in found[2][1]
    assert f"pour {cluster.cluster} (sans pg_wal" in unseen[1][1]


def test_a_server_that_takes_no_writes_is_told_in_one_word(folder: Path, server: str) -> None:
    """Doctor reports a read-only database as a fault, with the word that `/readyz` also uses."""
    url = f"{server}?options=-c%20default_transaction_read_only%3Don"

    ((verdict, sentence),) = said((check_database(settings_on(folder, url).database_url),))

    assert (verdict, "(read-only)" in sentence) == (FAULT, True)


def test_a_host_whose_clock_is_off_is_named(folder: Path, server: str) -> None:
    """Doctor names each host whose clock differs from the database's, if the host was seen recently."""
    settings, engine = settings_on(folder, server), create_engine(server, poolclass=NullPool)
    minute = 60 * 1_000_000
    rows = [("vote-1", NOW, 1000), ("vote-2", NOW, minute), ("gone", NOW - timedelta(days=1), minute)]
    with engine.begin() as connection:
        connection.execute(insert(hosts), [{"host": host, "seen": seen, "ahead": ahead} for host, seen, ahead in rows])

    found = said(check_hosts_clocks(settings, NOW))

    assert [verdict for verdict, _ in found] == [OK, FAULT]
    assert "celle de vote-2 s'écarte de 60 secondes" in found[1][1]
    assert said(check_hosts_clocks(settings_on(folder), NOW)) == []
