"""`retrouve roll import` of the whole roll: onto an empty one, and again with every line changed."""

import csv
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from bench.figures import Figure
from bench.measured_system import MeasuredSystem
from bench.yardsticks import beside_argon2id, time_figure


def measure(system: MeasuredSystem) -> Iterator[Figure]:
    """The time of each import and the most memory that its processes held together."""
    system.stop("serve", "courier")
    roll, changed = (system.installation.folder / name for name in ("roll.csv", "changed.csv"))
    _change_every_line(roll, changed)
    system.empty_database()
    for name, file in (("first import of the roll", roll), ("import with every line changed", changed)):
        imported = beside_argon2id(1, partial(system.run, "roll", "import", str(file), "--apply"))
        yield time_figure(name, imported, 2_200)
        yield Figure(name=f"{name}: most memory", value=imported[0][0][1], unit="MB", most=500)


def _change_every_line(source: Path, target: Path) -> None:
    """Give everybody another address and another family name."""
    with source.open(encoding="utf-8", newline="") as old, target.open("w", encoding="utf-8", newline="") as new:
        lines, writer = csv.reader(old, delimiter=";"), csv.writer(new, delimiter=";")
        writer.writerow(next(lines))
        writer.writerows([f"nouveau-{email}", f"Nouveau-{name}", *rest] for email, name, *rest in lines)
