"""What processes cost, read from /proc: seconds of CPU, and memory with each shared page counted once (PSS)."""

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)


def cpu_seconds(processes: Iterable[int]) -> float:
    """User and system time of them together; one that has ended counts no more."""
    return sum(map(_cpu_seconds, processes))


def _cpu_seconds(process: int) -> float:
    with suppress(OSError):
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS  # utime and stime: proc(5)
    return 0.0


def pss_megabytes(processes: Iterable[int]) -> float:
    """Their memory, in 10^6 bytes."""
    return sum(map(_pss, processes))


def _pss(process: int) -> float:
    """Nothing for one that has ended."""
    with suppress(OSError):
        found = PSS.search(Path(f"/proc/{process}/smaps_rollup").read_text())
        return 0.0 if found is None else int(found[1]) * 1024 / 1e6
    return 0.0
