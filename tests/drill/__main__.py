"""Runs `make drill`: faults in a seeded random order for ten minutes, and then figures beside their goals.

The exit status is 1 if a goal is missed. A fault that has begun is played to its end, so a drill ends with the first
fault that ends after the time. Each fault is played once before any fault is played again, which takes about eight
minutes. Starting the service and judging the result take some more minutes.
"""

import argparse
import shutil
import signal
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from random import SystemRandom

from tests.drill.faults import FAULTS
from tests.drill.judge import judge
from tests.drill.play import drill
from tests.drill.report import figures, table
from tests.drill.service import WHOLE

FIRST_VOTERS, VOTERS_A_MINUTE = 200, 200
"""Number of voters on the roll. It is greater than the number who can come in the time of the drill."""
STOPPED = 143
"""Exit status of a drill that was stopped."""
MEMORY = Path("/dev/shm")  # noqa: S108  # a folder of its own is made in it


def main() -> int:
    """Play a drill, and print its figures."""
    options = argparse.ArgumentParser(prog="python -m tests.drill", description=__doc__)
    options.add_argument("--minutes", type=float, default=10, help="how long faults are begun (default: %(default)s)")
    options.add_argument("--seed", type=int, default=SystemRandom().randrange(1_000_000))
    options.add_argument("--only", default="", help="faults whose name holds this")
    options.add_argument("--keep", type=Path, help="where to keep the logs and the record of what was told")
    chosen = options.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(STOPPED))  # exiting also stops everything that was started
    print(f"seed {chosen.seed}", flush=True)  # noqa: T201  # a drill that ends early prints no table
    faults = [fault for fault in FAULTS if chosen.only in fault.name]
    folder = Path(tempfile.mkdtemp(prefix="retrouve-drill-", dir=MEMORY if MEMORY.is_dir() else None))
    try:
        size = replace(WHOLE, voters=FIRST_VOTERS + int(VOTERS_A_MINUTE * chosen.minutes))
        with drill(folder, faults, chosen.minutes * 60, chosen.seed, size) as made:
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
