"""The commands in docs/database.md bring PostgreSQL back to a moment in the past."""

import re
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent

import psycopg

from tests.support.postgres import USER, as_server, at_free_port, new_cluster, running
from tests.support.product import eventually

DOCUMENT = (Path(__file__).parents[2] / "docs/database.md").read_text("utf-8")
ARCHIVING, RECOVERING = (
    dedent(lines) for lines in re.findall(r"^ +```ini\n(.+?)^ +```", DOCUMENT, re.MULTILINE | re.DOTALL)
)
(BACKUP, VERIFY), (TOUCH, START) = re.findall(
    r"test_point_in_time.py runs it -->\s+```console\n +db1\$ (.+)\n +db1\$ (.+)\n", DOCUMENT
)
PATIENCE = 180


def test_the_document_brings_a_database_back_to_a_moment() -> None:
    """The database has the rows that were written before the moment and no later rows, and it accepts writes."""
    with TemporaryDirectory(prefix="retrouve-moment-") as temporary:
        folder = Path(temporary)
        folder.chmod(0o755)
        for name in ("wal", "base"):
            (folder / name).mkdir()
            subprocess.run(["chown", USER, folder / name], check=True)
        server = new_cluster(folder / "cluster", durable=True)
        add(folder / "cluster/postgresql.conf", there(ARCHIVING, folder))
        with running(server), connected(server.url) as line:
            line.execute("CREATE TABLE told (what text)")
            for command in (BACKUP, VERIFY):
                program, arguments = there(command, folder).split(maxsplit=1)
                place = ["-h", server.address, "-p", str(server.port)] if program == "pg_basebackup" else []
                as_server(program, *arguments.split(), *place)
            line.execute("INSERT INTO told VALUES ('before')")
            moment = str(line.execute("SELECT clock_timestamp()").fetchone()[0])
            line.execute("INSERT INTO told VALUES ('after')")
            segment = line.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchone()[0]
            eventually((folder / "wal" / segment).exists, "the archive of the last segment", PATIENCE)

        subprocess.run(["cp", "-a", folder / "base/NIGHT", folder / "restored"], check=True)
        restored = at_free_port(folder / "restored")
        add(folder / "restored/postgresql.conf", there(RECOVERING, folder).replace("MOMENT", moment))
        as_server("/usr/bin/touch", *there(TOUCH, folder).split()[1:])
        as_server("pg_ctl", *there(START, folder).split()[1:], "-l", str(folder / "restored/log"))
        try:
            with connected(restored.url) as line:
                eventually(
                    lambda: line.execute("SELECT NOT pg_is_in_recovery()").fetchone()[0], "the promotion", PATIENCE
                )
                line.execute("INSERT INTO told VALUES ('since')")
                assert line.execute("SELECT what FROM told").fetchall() == [("before",), ("since",)]
        finally:
            restored.stop()


def there(text: str, folder: Path) -> str:
    """Return commands or settings with the folders of the test."""
    return re.sub(r"/srv/(wal|base|restored)", rf"{folder}/\1", text)


def add(file: Path, lines: str) -> None:
    """Append settings to a file."""
    with file.open("a", encoding="utf-8") as written:
        written.write(lines)


def connected(url: str) -> psycopg.Connection:
    """Return a connection to the database of a server."""
    return psycopg.connect(url.replace("+psycopg", "") + "/postgres", autocommit=True)
