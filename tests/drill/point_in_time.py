"""A Patroni cluster is restored to a moment with the commands in docs/database.md.

The loss is then declared and repaired. Part of `make drill`, and not collected by `make test`.
"""

import os
import pwd
import re
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent

import psycopg
import pytest

from tests.drill.cluster import AS_POSTGRES, PASSWORD, Cluster, Node, cluster
from tests.drill.wires import wires
from tests.support.lost_interval import before, declare_verify_repair, lost_interval, new_election
from tests.support.networks import network
from tests.support.platform_server import platform_server
from tests.support.postgres import BINARIES, USER
from tests.support.product import eventually

DOCUMENT = (Path(__file__).parents[2] / "docs/database.md").read_text("utf-8")
ARCHIVING, RECOVERING, ALONE = (
    dedent(lines) for lines in re.findall(r"^ *```ini\n(.+?)^ *```", DOCUMENT, re.MULTILINE | re.DOTALL)
)
BLOCKS = re.findall(r"drill/point_in_time.py runs it -->\s+```console\n(.+?)```", DOCUMENT, re.DOTALL)
ARCHIVE, BACKUP, _, TOUCH, START, LOOK, STOP, FORGET = re.findall(r"db1\$ (.+)", "".join(BLOCKS))
ARCHIVE_COMMAND = re.findall(r"^archive_command = '(.+)'$", ARCHIVING, re.MULTILINE)[0]
ANSWERS = "retrouve\nYes I am aware\n"
RESTORED_LOG = "restored.log"
PATIENCE = 300


def test_a_patroni_cluster_goes_back_to_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The restored cluster has the data from before the moment and no later data. The loss is declared and repaired."""
    # PostgreSQL's account must be able to enter it.
    with (
        TemporaryDirectory(prefix="retrouve-moment-") as temporary,
        network(2) as around,
        wires(around) as second,
        platform_server() as platform,
        cluster(Path(temporary) / "cluster", around.places, second.addresses, 1) as made,
    ):
        folder = Path(temporary)
        for name in ("wal", "base"):
            (folder / name).mkdir()
            os.chown(folder / name, *(pwd.getpwnam(USER)[2:4]))
        election = new_election(folder, made.url, platform, monkeypatch)
        source = archive(made, folder)
        session, camille = before(election)
        with psycopg.connect(made.server, autocommit=True) as line:
            moment = str(line.execute("SELECT clock_timestamp()").fetchone()[0])
        told = lost_interval(election, session, camille)
        with administrator(made.primary) as line:
            segment = line.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchone()[0]
        eventually((folder / "wal" / segment).exists, "the archive of the last segment", PATIENCE)

        go_back(made, source, folder, moment)
        declare_verify_repair(election, told, "restore")


def archive(made: Cluster, folder: Path) -> Node:
    """Archive the log of every machine and take a base backup. Returns the machine from which it was taken."""
    primary = made.primary
    run(primary, ARCHIVE.replace("…", ARCHIVE_COMMAND), folder)
    (standby,) = (node for node in made.nodes if node is not primary)
    standby.stop_patroni()
    standby.start_patroni()
    made.wait_until_whole()
    made.switch_over()
    made.wait_until_whole()
    primary = made.primary
    run(primary, BACKUP.replace("PRIMARY", primary.address), folder)
    return primary


def go_back(made: Cluster, source: Node, folder: Path, moment: str) -> None:
    """Restore the machine from which the backup does not come, and let the other one copy it."""
    primary = made.primary
    (other,) = (node for node in made.nodes if node is not primary)
    for node in (other, primary):
        node.stop_patroni()
        subprocess.run(["mv", node.data, node.data.with_name("damaged")], check=True)
        for left in node.folder.glob(".s.PGSQL.*"):  # by a PostgreSQL that took too long to stop, and was killed
            left.unlink()
    (restored,) = (node for node in made.nodes if node is not source)
    subprocess.run(["cp", "-a", folder / "base/NIGHT", restored.data], check=True)
    settings = restored.data / "postgresql.conf"
    # The machines of a real cluster have their folders at the same place.
    own = settings.read_text("utf-8").replace(str(source.folder), str(restored.folder))
    settings.write_text(own + there(RECOVERING, folder).replace("MOMENT", moment) + ALONE, "utf-8")
    run(restored, TOUCH, folder)
    run(restored, f"{START} --log={restored.folder / RESTORED_LOG}", folder)
    eventually(lambda: run(restored, LOOK, folder).strip() == "f", "the promotion", PATIENCE)
    run(restored, STOP, folder)
    run(restored, FORGET, folder, ANSWERS)
    restored.start_patroni()
    assert made.primary is restored
    source.start_patroni()
    made.wait_until_whole()


def run(node: Node, command: str, folder: Path, answers: str = "") -> str:
    """Run a command of the document on a machine, as the account postgres, and return its output."""
    there_too = there(command, folder).replace("/var/lib/postgresql/17/retrouve", str(node.data))
    ended = subprocess.run(
        [*node.place.inside, *AS_POSTGRES, "sh", "-c", there_too],
        env={
            "PATH": f"{BINARIES}:{os.environ['PATH']}",
            "LC_ALL": "C.UTF-8",
            "PATRONICTL_CONFIG_FILE": str(node.folder / "patroni.yml"),
            "PGPASSWORD": PASSWORD,
            "PGCTLTIMEOUT": str(PATIENCE),
            "PGHOST": str(node.folder),
        },
        input=answers,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd="/",
    )
    log = node.folder / RESTORED_LOG
    assert ended.returncode == 0, f"{there_too}: {ended.stdout}{log.read_text('utf-8') if log.exists() else ''}"
    return ended.stdout


def there(text: str, folder: Path) -> str:
    """Return commands or settings with the folders of the test."""
    return re.sub(r"/srv/(wal|base)", rf"{folder}/\1", text)


def administrator(node: Node) -> psycopg.Connection:
    """Return a connection of the database's administrator to a machine."""
    return psycopg.connect(f"postgresql://{USER}:{PASSWORD}@{node.address}/postgres", autocommit=True)
