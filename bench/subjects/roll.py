"""`retrouve roll import` of the whole roll: onto an empty one, corrected, and with every line changed.

A corrected roll, in which one line in ten is another, is held to what the first import is. That every line changes is told
too, and held to nothing: it is the most that a correction can be.
"""

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
    ground.empty()
    yield from _imported(ground, roll, "first import of the roll")
    for name, every, seconds in (("corrected roll", 10, MOST_SECONDS), ("import with every line changed", 1, None)):
        changed = ground.installation.folder / f"changed-{every}.csv"
        _change_lines(roll, changed, every=every)
        yield from _imported(ground, changed, name, seconds)


def _change_lines(source: Path, target: Path, *, every: int) -> None:
    """Another address and another family name in each line of so many."""
    with source.open(encoding="utf-8", newline="") as old, target.open("w", encoding="utf-8", newline="") as new:
        lines, writer = csv.reader(old, delimiter=";"), csv.writer(new, delimiter=";")
        writer.writerow(next(lines))
        for ordinal, (email, name, *rest) in enumerate(lines):
            mark = "" if ordinal % every else CHANGED
            writer.writerow([mark.lower() + email, mark + name, *rest])


def _imported(ground: Ground, file: Path, name: str, seconds_at_most: int | None = MOST_SECONDS) -> Iterator[Figure]:
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
    goal = None if seconds_at_most is None else Goal(most=seconds_at_most)
    yield Figure(name=name, value=seconds, unit="s", goal=goal)
    yield Figure(
        name=f"{name}: most memory", value=usage.ru_maxrss * 1024 / 1e6, unit="MB", goal=Goal(most=MOST_MEGABYTES)
    )
