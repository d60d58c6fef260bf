"""`retrouve roll import` of the whole roll: onto an empty one, and again with every line changed."""

import csv
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from bench.figures import Figure, Goal
from bench.ground import Ground
from tests.support.product import RETROUVE

MOST_SECONDS, MOST_MEGABYTES = 60, 500
CHANGED = "Nouveau-"


def measure(ground: Ground) -> Iterator[Figure]:
    """Their time and the most memory they held. Nobody known to the other subjects is left after it."""
    ground.stop("serve", "courier")
    roll = ground.installation.folder / "roll.csv"
    changed = ground.installation.folder / "changed.csv"
    _change_every_line(roll, changed)
    ground.empty()
    yield from _imported(ground, roll, "first import of the roll")
    yield from _imported(ground, changed, "import with every line changed")


def _change_every_line(source: Path, target: Path) -> None:
    """Another address, another family name, another telephone."""
    with source.open(encoding="utf-8", newline="") as old, target.open("w", encoding="utf-8", newline="") as new:
        lines, writer = csv.reader(old, delimiter=";"), csv.writer(new, delimiter=";")
        writer.writerow(next(lines))
        writer.writerows([CHANGED.lower() + email, CHANGED + name, *rest] for email, name, *rest in lines)


def _imported(ground: Ground, file: Path, name: str) -> Iterator[Figure]:
    command = [*RETROUVE, "roll", "import", str(file), "--apply", "--dir", str(ground.installation.folder)]
    began = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603  # our own command
        command,
        env={**os.environ, **ground.installation.variables},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, file
    yield Figure(name=name, value=seconds, unit="s", goal=Goal(most=MOST_SECONDS))
    yield Figure(
        name=f"{name}: most memory", value=usage.ru_maxrss * 1024 / 1e6, unit="MB", goal=Goal(most=MOST_MEGABYTES)
    )
