"""`retrouve guides build`: everything anew, then with nothing changed; and the site alone, its pictures there already."""

import os
import subprocess
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.figures import Figure, Goal, middle, spread
from bench.ground import Ground
from core.bootstrap import open_house
from guides.book import book_of
from guides.shots import read_manifest
from guides.site import Shelf, build_site
from tests.support.product import RETROUVE

ROUNDS = 5
COLD, UNCHANGED, SITE = Goal(most=90), Goal(most=10), Goal(most=1)
WHOLE = "two languages, all pictures, PDF and deck"


def measure(ground: Ground) -> Iterator[Figure]:
    """The election's voters and its database are no matter: what was measured once is told again."""
    ground.stop("serve", "courier")
    yield from _measured()


@cache
def _measured() -> tuple[Figure, ...]:
    with TemporaryDirectory(prefix="retrouve-bench-guides-") as folder:
        election = Path(folder) / "election"
        _run("init", election)
        cold, unchanged = (_run("guides", "build", election) for _ in range(2))
        site = _site_alone(election)
    return (
        Figure(name="whole help from nothing", value=cold, unit="s", goal=COLD, note=WHOLE),
        Figure(name="whole help, nothing changed", value=unchanged, unit="s", goal=UNCHANGED, note=WHOLE),
        Figure(name="site of the help alone", value=middle(site), unit="s", goal=SITE, note=spread(site)),
    )


def _run(*words: str | Path) -> float:
    """A command on that folder; the seconds it took."""
    *command, election = words
    began = time.perf_counter()
    subprocess.run(  # noqa: S603  # our own command
        [*RETROUVE, *map(str, command), "--dir", str(election)],
        env={**os.environ, "RETROUVE_LANGUAGE": "en"},
        check=True,
        capture_output=True,
    )
    return time.perf_counter() - began


def _site_alone(election: Path) -> list[float]:
    """As the command builds it, in a process that has loaded what it needs."""
    house, pictures = open_house(election), election / "guides.pictures"
    shelf = Shelf(book_of(house), read_manifest(pictures), pictures)
    took = []
    for number in range(ROUNDS + 1):
        began = time.perf_counter()
        build_site(Shelf(shelf.book, shelf.pictures, shelf.folder), election / f"site-{number}")
        took.append(time.perf_counter() - began)
    house.close()
    return took[1:]
