"""Voters imported before anything is measured, which takes minutes and is in no figure.

A run copies them, so that it begins with voters in whose name nothing was done yet; a folder can keep them for other runs.
"""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from demo.folder import VOTERS_FILE
from tests.support.postgres import Postgres, at_free_port, new_cluster, running
from tests.support.product import RETROUVE
from tests.support.product.installation import demo_folder

ENGINES = ("sqlite", "postgresql")
DATABASE = "postgres"
"""A new server's own database, which is empty."""
SQLITE_FILES = "retrouve.sqlite3*"


@dataclass(frozen=True, slots=True)
class PreparedVoters:
    """A number of voters on one engine, kept in a folder."""

    folder: Path
    engine: str
    voters: int

    @property
    def election(self) -> Path:
        """The election's folder after `retrouve init` and `roll import`; on PostgreSQL without the SQLite file."""
        return self.folder / f"{self.engine}-{self.voters}"

    def prepare(self) -> None:
        """Make what is not there yet."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if (self.election / VOTERS_FILE).exists():
            return
        if self.engine == "sqlite":
            shutil.copytree(demo_folder(self.voters), self.election)
            return
        sqlite = PreparedVoters(self.folder, "sqlite", self.voters)
        sqlite.prepare()
        with running(new_cluster(self.folder / f"cluster-{self.voters}", durable=True)) as server:
            move = [*RETROUVE, "move", f"{server.url}/{DATABASE}", "--dir", str(sqlite.election)]
            subprocess.run(move, check=True, capture_output=True)  # our own command
        shutil.copytree(sqlite.election, self.election, ignore=shutil.ignore_patterns(SQLITE_FILES))

    def server_in(self, folder: Path) -> Postgres:
        """A copy of the PostgreSQL server, not started."""
        subprocess.run(["/bin/cp", "-a", self.folder / f"cluster-{self.voters}", folder], check=True)  # with its owner
        return at_free_port(folder)
