"""`python -m bench`: print the configuration and each figure beside its goal; exit 1 when a goal is missed."""

import signal
import sys
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import click

from bench.configuration import DURABILITY, configuration
from bench.figures import Figure
from bench.measured_system import measured_system
from bench.prepared_voters import ENGINES
from bench.subjects import SUBJECTS
from bench.yardsticks import yardstick_figures

STOPPED = 143
ROW = "{:<6} {:<46} {:>8} {:<10} {:<12} {}"
FEWEST, MOST, SIZES = 10_000, 2_000_000, (100_000, 1_000_000)
"""All subjects together use 60,000 voters; the fewest are enough for any one of them but `slow_relay`."""


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
    """Measure SUBJECTS (all of them without a name) for each number of voters and each engine."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(STOPPED))  # what was started is stopped then too
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


if __name__ == "__main__":
    main()
