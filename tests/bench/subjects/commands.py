"""Commands: from `retrouve serve` and `retrouve desk` to the first answer or screen, and `retrouve guides build`."""

import compileall
import os
import pty
import subprocess
import termios
import time
from collections.abc import Iterator
from functools import cache
from itertools import count, pairwise
from pathlib import Path
from select import select
from statistics import mean, median
from tempfile import TemporaryDirectory

from core.app.open_election_folder import open_services
from core.security.roles_holding_keys import ProgramKeyRole
from guides.help_site_builder import HelpSiteBuildInputs, build_site
from guides.help_source import help_source_of
from guides.picture_manifest import read_manifest
from tests.bench.argon2id_yardstick import Round, beside_argon2id, time_figure, timed
from tests.bench.figures import Figure, median_figure
from tests.bench.measured_system import MeasuredSystem
from tests.bench.serve_reference import reference_server, wait_for_page
from tests.support.product import RETROUVE, put_down

ROUNDS, TIMEOUT_SECONDS = 5, 60
COMPILED = ("cli", "core", "templates", "tui", "webhook")
SIGN_IN_BUTTON = b"Ouvrir la session"
"""The button of the sign-in form, which is drawn below all fields."""
ROWS_AND_COLUMNS, CHUNK = (40, 120), 1 << 16


def measure_start(system: MeasuredSystem) -> Iterator[Figure]:
    """`retrouve serve` between two starts of the bare application, whose mean counts, and `retrouve desk`."""
    for package in COMPILED:
        compileall.compile_dir(package, quiet=2)  # as `make install` leaves them
    system.stop("serve", "courier")
    bare, serve = [_start_bare()], []
    for _ in range(ROUNDS):
        serve.append(_start_serve(system))
        bare.append(_start_bare())
    ratios = [each / mean(pair) for each, pair in zip(serve, pairwise(bare), strict=True)]
    note = f"{median(serve):.3g} s beside {median(bare):.3g} s"
    yield median_figure("first answer", ratios, "× bare", note, most=2.5)
    yield time_figure("terminal ready", beside_argon2id(ROUNDS, lambda: (_start_desk(system),)), 55)


def _start_bare() -> float:
    began = time.perf_counter()
    with reference_server("tests.bench.reference_server:bare_application") as (_, port):
        wait_for_page(port)
        return time.perf_counter() - began


def _start_serve(system: MeasuredSystem) -> float:
    began = time.perf_counter()
    system.installation.start("serve", ready=False)
    wait_for_page(system.port)
    seconds = time.perf_counter() - began
    system.stop("serve")
    return seconds


def _start_desk(system: MeasuredSystem) -> float:
    """Start a terminal, and wait until the last field of the first screen is drawn."""
    ours, its = pty.openpty()
    termios.tcsetwinsize(its, ROWS_AND_COLUMNS)
    began = time.perf_counter()
    process = subprocess.Popen(  # our own command
        [*RETROUVE, "desk", "--dir", str(system.installation.folder)],
        env={**os.environ, **system.installation.variables, "TERM": "xterm-256color", "RETROUVE_LANGUAGE": "fr"},
        stdin=its,
        stdout=its,
        stderr=its,
        start_new_session=True,
    )
    os.close(its)
    seen = b""
    try:
        while SIGN_IN_BUTTON not in seen:
            assert select([ours], [], [], TIMEOUT_SECONDS)[0], "the terminal stays dark"
            seen += os.read(ours, CHUNK)
        return time.perf_counter() - began
    finally:
        put_down(process)
        os.close(ours)


def measure_guides(system: MeasuredSystem) -> Iterator[Figure]:
    """The help built anew, then with nothing changed, and the site alone, its pictures there already.

    They are measured once, and shown each time: the engine and the voters do not matter.
    """
    system.stop("serve", "courier")
    yield from _guides_figures()


@cache
def _guides_figures() -> tuple[Figure, ...]:
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
    return timed(lambda: subprocess.run(words, env=variables, check=True, capture_output=True))  # our own command


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
