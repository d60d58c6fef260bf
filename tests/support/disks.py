"""Small, full and read-only disks. Mounting a disk needs root.

Without root, a test that needs a disk is skipped. In CI it fails instead.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest


@contextmanager
def small_disk(folder: Path, size: str = "12m") -> Iterator[Path]:
    """Mount a small in-memory file system while the block runs."""
    folder.mkdir()
    mounted = subprocess.run(
        ["/usr/bin/mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)],
        check=False,
        capture_output=True,
        text=True,
    )
    if mounted.returncode:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(
            f"mounting is not permitted here: {mounted.stderr.strip()}"
        )
    try:
        yield folder
    finally:
        subprocess.run(["/usr/bin/umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Fill the disk of a folder. Returns the path of the file that fills it."""
    path = folder / "ballast"
    with path.open("ab", buffering=0) as file:
        for size in (65536, 4096, 512):
            with suppress(OSError):
                while file.write(b"\0" * size) == size:
                    pass
    return path


def remount(disk: Path, mode: str) -> None:
    """Mount the disk again in another mode, such as "ro" for read-only."""
    subprocess.run(["/usr/bin/mount", "-o", f"remount,{mode}", str(disk)], check=True)
