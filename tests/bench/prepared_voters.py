"""Imports the voters before the measurements. This takes minutes and is not measured.

Each run works on a copy, so that it begins with unused voters. A folder can keep the import for later runs.
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
        """The election folder after `retrouve init` and `roll import`. On PostgreSQL it has no SQLite file."""
        return self.folder / f"{self.engine}-{self.voters}"

    def prepare(self) -> None:
        """Make the missing parts."""
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
        """Return a copy of the PostgreSQL server, not started."""
        subprocess.run(["/bin/cp", "-a", self.folder / f"cluster-{self.voters}", folder], check=True)  # with its owner
        return at_free_port(folder)
