"""A PostgreSQL 17 of our own: on loopback, on a free port, in a temporary folder, stopped at the end."""

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

BINARIES = Path("/usr/lib/postgresql/17/bin")
USER = "postgres"
SETTINGS = """
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
max_connections = 200
fsync = off
"""


@contextmanager
def postgres() -> Iterator[str]:
    """Starts one; yields the SQLAlchemy URL of its server, to which a database's name is added."""
    with TemporaryDirectory(prefix="retrouve-postgres-") as temporary, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        folder = Path(temporary)
        folder.chmod(0o755)
        cluster = folder / "cluster"
        cluster.mkdir()
        if os.geteuid() == 0:
            subprocess.run(["chown", USER, cluster], check=True)
        _run("initdb", "--auth=trust", "--encoding=UTF8", "--locale=C", f"--username={USER}", "-D", cluster)
        with (cluster / "postgresql.conf").open("a") as file:
            file.write(SETTINGS.format(port=port))
        _run("pg_ctl", "-w", "-D", cluster, "-l", cluster / "log", "start")
        try:
            yield f"postgresql+psycopg://{USER}@127.0.0.1:{port}"
        finally:
            _run("pg_ctl", "-w", "-m", "fast", "-D", cluster, "stop")


def _run(program: str, *arguments: str | Path) -> None:
    """As another user where we are root: PostgreSQL refuses to run as root."""
    other = ["runuser", "-u", USER, "--"] if os.geteuid() == 0 else []
    subprocess.run([*other, BINARIES / program, *arguments], check=True, capture_output=True, cwd="/")
