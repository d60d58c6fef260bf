"""`make drill`: every fault in seeded random order for ten minutes; figures beside their goals; 1 when one is missed."""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path
from random import SystemRandom

from tests.drill.faults import FAULTS
from tests.drill.judge import judge
from tests.drill.play import drill
from tests.drill.report import figures, table

MEMORY = Path("/dev/shm")  # noqa: S108  # a folder of its own is made in it


def main() -> int:
    """Play a drill and print its figures."""
    options = argparse.ArgumentParser(prog="python -m tests.drill")
    options.add_argument("--minutes", type=float, default=10)
    options.add_argument("--seed", type=int, default=SystemRandom().randrange(1_000_000))
    options.add_argument("--only", default="", help="faults whose name holds this")
    options.add_argument("--keep", type=Path, help="where to keep the logs and the record of what was told")
    chosen = options.parse_args()
    faults = [fault for fault in FAULTS if chosen.only in fault.name]
    folder = Path(tempfile.mkdtemp(prefix="retrouve-drill-", dir=MEMORY if MEMORY.is_dir() else None))
    try:
        with drill(folder, faults, chosen.minutes * 60, chosen.seed) as made:
            found = figures(made, judge(made))
            print(table(made, found))  # noqa: T201  # what the command is for
    finally:
        if chosen.keep:
            _keep(folder, chosen.keep)
        shutil.rmtree(folder)
    return int(any(figure.missed for figure in found))


def _keep(folder: Path, place: Path) -> None:
    place.mkdir(parents=True, exist_ok=True)
    for file in [*folder.glob("**/*.log"), *folder.glob("*.jsonl")]:
        shutil.copy(file, place / "-".join(file.relative_to(folder).parts))


if __name__ == "__main__":
    sys.exit(main())
