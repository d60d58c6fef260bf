"""`retrouve guides build`: everything anew, then with nothing changed; and the site alone, its pictures there already."""

import os
import subprocess
from collections.abc import Iterator
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.figures import Figure
from bench.measured_system import MeasuredSystem
from bench.yardsticks import Round, beside_argon2id, time_figure, timed
from core.app.open_election_folder import open_services
from core.security.roles_holding_keys import ProgramKeyRole
from guides.help_site_builder import HelpSiteBuildInputs, build_site
from guides.help_source import help_source_of
from guides.picture_manifest import read_manifest
from tests.support.product import RETROUVE

ROUNDS = 5


def measure(system: MeasuredSystem) -> Iterator[Figure]:
    """Measure the guides once, and show the figure each time: the engine and the voters do not matter."""
    system.stop("serve", "courier")
    yield from _measured()


@cache
def _measured() -> tuple[Figure, ...]:
    with TemporaryDirectory(prefix="retrouve-bench-guides-") as folder:
        election = Path(folder) / "election"
        _run("init", election)
        first, second = beside_argon2id(2, lambda: _run("guides build", election))
        site = _site_alone(election)
    return (
        time_figure("whole help from nothing", [first], 3_300),
        time_figure("whole help, nothing changed", [second], 370),
        time_figure("site of the help alone", site, 37),
    )


def _run(command: str, election: Path) -> tuple[float]:
    words, variables = [*RETROUVE, *command.split(), "--dir", str(election)], {**os.environ, "RETROUVE_LANGUAGE": "en"}
    return timed(lambda: subprocess.run(words, env=variables, check=True, capture_output=True))  # noqa: S603  # our own command


def _site_alone(election: Path) -> list[Round]:
    """Measure builds in this process, after one that loads what the others need."""
    services, pictures, number = open_services(election, ProgramKeyRole.OPERATOR), election / "guides.pictures", count()
    book, manifest = help_source_of(services), read_manifest(pictures)

    def build() -> tuple[float]:
        shelf = HelpSiteBuildInputs(book, manifest, pictures)
        return timed(lambda: build_site(shelf, election / f"site-{next(number)}"))

    build()
    rounds = beside_argon2id(ROUNDS, build)
    services.close()
    return rounds
