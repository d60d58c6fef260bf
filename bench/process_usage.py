"""The CPU seconds and the memory of processes, read from /proc."""

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)


def cpu_seconds(processes: Iterable[int]) -> float:
    """User and system time of these processes and of their children that have ended."""
    fields = (_read(process, "stat").rpartition(")")[2].split() for process in processes)
    return sum(int(ticks) for each in fields for ticks in each[11:15]) / TICKS_A_SECOND  # utime to cstime: proc(5)


def pss_megabytes(processes: Iterable[int]) -> float:
    """The memory of these processes in 10^6 bytes, each shared page counted once (PSS)."""
    return sum(int(kib) for process in processes for kib in PSS.findall(_read(process, "smaps_rollup"))) * 1024 / 1e6


def _read(process: int, file: str) -> str:
    """A file of /proc; empty when the process has ended."""
    with suppress(OSError):
        return Path(f"/proc/{process}/{file}").read_text()
    return ""
