"""Measures the import of the whole roll, and of a roll in which every line has changed."""

import csv
from collections.abc import Iterator
from pathlib import Path

from tests.bench.figures import Figure
from tests.bench.measured_system import MeasuredSystem

MOST_SECONDS_A_MILLION, MOST_MEGABYTES = 120, 500
MILLION = 1_000_000


def measure_roll(system: MeasuredSystem) -> Iterator[Figure]:
    """Import a roll, then one with every line changed. Yields the time and the peak memory."""
    system.stop("serve", "courier")
    roll, changed = (system.installation.folder / name for name in ("roll.csv", "changed.csv"))
    _change_every_line(roll, changed)
    system.empty_database()
    most = MOST_SECONDS_A_MILLION * system.voters / MILLION
    for name, file, goal in (
        ("first import of the roll", roll, most),
        ("import with every line changed", changed, None),
    ):
        seconds, held = system.run("roll", "import", str(file), "--apply")
        yield Figure(name=name, value=seconds, unit="s", most=goal)
        yield Figure(name=f"{name}: most memory", value=held, unit="MB", most=MOST_MEGABYTES)


def _change_every_line(source: Path, target: Path) -> None:
    """Change every voter's address and family name."""
    with source.open(encoding="utf-8", newline="") as old, target.open("w", encoding="utf-8", newline="") as new:
        lines, writer = csv.reader(old, delimiter=";"), csv.writer(new, delimiter=";")
        writer.writerow(next(lines))
        writer.writerows([f"n-{email}", f"Nouveau-{name}", *rest] for email, name, *rest in lines)
