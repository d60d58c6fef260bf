"""`python -m tests.bench`: prints the configuration and each figure with its goal. Exits with 1 if a goal is missed."""

import os
import platform
import re
import signal
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from itertools import chain
from pathlib import Path

import click

from cli.serve import SPARE_THREADS, hashes_at_once
from core.adapters.password_hashing import MEMORY_KIB, PARALLELISM, TIME_COST
from core.app.settings.policy_section import DEFAULT_PRESET
from core.app.settings.sections import WebSection
from core.policy.policy import PRESETS
from tests.bench.argon2id_yardstick import yardstick_figures
from tests.bench.figures import Figure
from tests.bench.load_generator import CONNECTIONS
from tests.bench.measured_system import measured_system
from tests.bench.prepared_voters import ENGINES
from tests.bench.subjects import SUBJECTS

STOPPED = 143
ROW = "{:<6} {:<46} {:>8} {:<10} {:<12} {}"
FEWEST, MOST, SIZES = 20_000, 2_000_000, (1_000_000,)
"""All subjects together use about 20,000 voters."""
LIBRARIES = ("granian", "flask", "sqlalchemy", "psycopg", "argon2-cffi")
DURABILITY = "Every commit waits for the disk: synchronous=FULL on SQLite, fsync and synchronous_commit on PostgreSQL."


@click.command()
@click.argument("subjects", nargs=-1, type=click.Choice(tuple(SUBJECTS)))
@click.option("--voters", "sizes", multiple=True, type=click.IntRange(FEWEST, MOST), default=SIZES, show_default=True)
@click.option("--engine", "engines", multiple=True, type=click.Choice(ENGINES), default=ENGINES, show_default=True)
@click.option(
    "--prepared",
    type=click.Path(file_okay=False, path_type=Path, resolve_path=True),
    help="A folder that keeps the imported voters for the next run.",
)
@click.option("--standby", is_flag=True, help="PostgreSQL waits for a synchronous standby on this machine.")
@click.option("--minutes", type=click.FloatRange(0.2, 60), default=1, show_default=True, help="How long `desk` works.")
def main(
    subjects: Sequence[str],
    sizes: Sequence[int],
    engines: Sequence[str],
    prepared: Path | None,
    *,
    standby: bool,
    minutes: float,
) -> None:
    """Measure SUBJECTS (by default all) for each number of voters and each engine."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(STOPPED))  # so that everything started is also stopped
    for name, value in configuration():
        click.echo(f"{name:<12} {value}")
    click.echo(f"\n{DURABILITY}")
    missed = 0
    for size in sizes:
        for engine in engines:
            click.echo(f"\n── {engine}, {size:,} voters ──")
            click.echo(ROW.format("", "figure", "", "", "goal", "measured"))
            with measured_system(engine, size, prepared, standby=standby, minutes=minutes) as system:
                chosen = [measure for name, measure in SUBJECTS.items() if name in subjects or not subjects]
                figures = chain.from_iterable(measure(system) for measure in chosen)
                for figure in chain(figures, yardstick_figures()):
                    click.echo(_row(figure))
                    missed += figure.missed
    click.echo(f"\n{missed} missed" if missed else "\nevery goal is met")
    sys.exit(bool(missed))


def _row(figure: Figure) -> str:
    verdict = "MISSED" if figure.missed else "ok" if figure.goal else ""
    value = f"{figure.value:,.0f}" if figure.value >= 100 else f"{figure.value:.3g}"
    return ROW.format(verdict, figure.name, value, figure.unit, figure.goal, figure.note).rstrip()


def configuration() -> Iterator[tuple[str, str]]:
    """Yield a name and text for each fact about the machine and the configuration."""
    processor = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    model = platform.machine() if processor is None else processor[1]
    gigabytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    yield "machine", f"{os.cpu_count()} cores, {model}, {gigabytes:.0f} GB, Linux {platform.release()}"
    yield "load before", " ".join(f"{load:.2f}" for load in os.getloadavg())
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    yield "software", f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {libraries}"
    workers = WebSection.model_fields["workers"].default
    client = f"{CONNECTIONS} kept connections of one client"
    yield "web", f"granian, {workers} workers of {SPARE_THREADS} threads and one for each form that waits; {client}"
    hashes, policy = hashes_at_once(WebSection()), PRESETS[DEFAULT_PRESET]
    waits = f"{policy.passwords_waiting} wait at most {policy.password_wait_seconds} s"
    queues = f"a worker hashes {hashes} at once, {waits}"
    yield "passwords", f"argon2id, {MEMORY_KIB // 1024} MiB, t={TIME_COST}, p={PARALLELISM}; {queues}"
    yield "mail", "one courier; a relay that takes every mail"
    yield "limits", "per-network ones lifted (all visits come from one address); every other rule in force"
    yield "yardsticks", "rates: argon2id hashed on all cores, just before and after each round (the mean);"
    yield "", "times: the CPU seconds of one of these hashes, or a bare granian and Flask application"


if __name__ == "__main__":
    main()
