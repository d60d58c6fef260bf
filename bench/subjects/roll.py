"""`retrouve roll import` of the whole roll: onto an empty one, and again with every line changed."""

import csv
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from bench.cost import pss_megabytes
from bench.figures import Figure, Goal
from bench.ground import Ground
from tests.support.product import RETROUVE, descendants

MOST_SECONDS, MOST_MEGABYTES = 60, 500
CHANGED = "Nouveau-"
LOOK_SECONDS = 0.5


def measure(ground: Ground) -> Iterator[Figure]:
    """Their time and the most memory that their processes held together. Nobody known to the other subjects is left after it."""
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
    held = 0.0
    while not _ended(process):
        held = max(held, pss_megabytes([process.pid, *descendants(process.pid)]))
    seconds = time.perf_counter() - began
    assert process.returncode == 0, file
    yield Figure(name=name, value=seconds, unit="s", goal=Goal(most=MOST_SECONDS))
    yield Figure(name=f"{name}: most memory", value=held, unit="MB", goal=Goal(most=MOST_MEGABYTES), note="PSS of all")


def _ended(process: "subprocess.Popen[bytes]") -> bool:
    with suppress(subprocess.TimeoutExpired):
        process.wait(LOOK_SECONDS)
    return process.returncode is not None
