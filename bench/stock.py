"""Prepared voters: `python -m bench.stock SHELF` makes them, which takes minutes and is no part of any figure.

A run copies what stands on the shelf, so that each begins with voters in whose name nothing was done yet.
"""

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from core.bootstrap import DEMO_VOTERS
from tests.support.postgres import Postgres, at_free_port, new_cluster, running
from tests.support.product import RETROUVE
from tests.support.product.installation import demo_folder

ENGINES = ("sqlite", "postgresql")
SIZES = (100_000, 1_000_000)
DATABASE = "postgres"
"""A server's own first database, empty."""
EMBEDDED = "retrouve.sqlite3*"


@dataclass(frozen=True, slots=True)
class Stock:
    """So many voters in the tables of one engine."""

    shelf: Path
    engine: str
    voters: int

    @property
    def election(self) -> Path:
        """The folder as `retrouve init` and `roll import` leave it; without the embedded database where there is a server."""
        return self.shelf / f"{self.engine}-{self.voters}"

    @property
    def _cluster(self) -> Path:
        return self.shelf / f"cluster-{self.voters}"

    def prepare(self) -> None:
        """Makes what is not there yet."""
        self.shelf.mkdir(parents=True, exist_ok=True)
        if (self.election / DEMO_VOTERS).exists():
            return
        embedded = Stock(self.shelf, "sqlite", self.voters)
        if self.engine == "sqlite":
            shutil.copytree(demo_folder(self.voters), self.election)
            return
        embedded.prepare()
        with running(new_cluster(self._cluster, durable=True)) as server:
            _move(embedded.election, f"{server.url}/{DATABASE}")
        shutil.copytree(embedded.election, self.election, ignore=shutil.ignore_patterns(EMBEDDED))

    def server_in(self, folder: Path) -> Postgres:
        """A copy of the server, not started."""
        subprocess.run(["/bin/cp", "-a", self._cluster, folder], check=True)  # noqa: S603  # its owner too
        return at_free_port(folder)


def _move(folder: Path, url: str) -> None:
    """As the README says."""
    subprocess.run([*RETROUVE, "move", url, "--dir", str(folder)], check=True, capture_output=True)  # noqa: S603  # our own command


@click.command()
@click.argument("shelf", type=click.Path(file_okay=False, path_type=Path))
@click.option("--voters", "sizes", multiple=True, type=int, default=SIZES, show_default=True)
@click.option("--engine", "engines", multiple=True, type=click.Choice(ENGINES), default=ENGINES, show_default=True)
def main(shelf: Path, sizes: Sequence[int], engines: Sequence[str]) -> None:
    """Put voters on the SHELF, for `python -m bench --stock SHELF`."""
    for size in sizes:
        for engine in engines:
            Stock(shelf.resolve(), engine, size).prepare()


if __name__ == "__main__":
    main()
