"""`python -m bench`: says what is measured and how, prints each figure beside its goal, fails when one is missed."""

import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from bench.figures import Figure
from bench.ground import ground
from bench.machine import DURABILITY, configuration
from bench.stock import ENGINES, SIZES
from bench.subjects import SUBJECTS

STOPPED = 143
ROW = "{verdict:<6} {name:<46} {value:>12} {unit:<4} {goal:<14} {note}"


@click.command()
@click.argument("subjects", nargs=-1, type=click.Choice(tuple(SUBJECTS)))
@click.option(
    "--voters", "sizes", multiple=True, type=click.IntRange(50_000, 2_000_000), default=SIZES, show_default=True
)
@click.option("--engine", "engines", multiple=True, type=click.Choice(ENGINES), default=ENGINES, show_default=True)
@click.option(
    "--stock",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Voters prepared by `python -m bench.stock`; without it they are made first.",
)
def main(subjects: Sequence[str], sizes: Sequence[int], engines: Sequence[str], stock: Path | None) -> None:
    """Measure SUBJECTS (all of them without a name) for each number of voters and each engine."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(STOPPED))  # what was started is stopped then too
    for name, value in configuration():
        click.echo(f"{name:<12} {value}")
    click.echo(f"\n{DURABILITY}")
    missed = 0
    for size in sizes:
        for engine in engines:
            click.echo(f"\n── {engine}, {size:,} voters ──")
            for figure in _measured(engine, size, subjects or tuple(SUBJECTS), stock):
                click.echo(_row(figure))
                missed += figure.missed
    click.echo(f"\n{missed} missed" if missed else "\nevery goal is met")
    sys.exit(bool(missed))


def _measured(engine: str, size: int, subjects: Sequence[str], stock: Path | None) -> Iterator[Figure]:
    with ground(engine, size, stock) as site:
        for name, measure in SUBJECTS.items():
            if name in subjects:
                yield from measure(site)


def _row(figure: Figure) -> str:
    verdict = "" if figure.goal is None else "MISSED" if figure.missed else "ok"
    goal = "" if figure.goal is None else str(figure.goal)
    value = f"{figure.value:,.0f}" if figure.value >= 100 else f"{figure.value:.3g}"
    return ROW.format(
        verdict=verdict, name=figure.name, value=value, unit=figure.unit, goal=goal, note=figure.note
    ).rstrip()


if __name__ == "__main__":
    main()
