"""`python -m conformance` on a running product."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[3]
SECONDS = 900


def judged(
    site: str, *options: str | Path, variables: Mapping[str, str] = {}, seconds: float = SECONDS
) -> "subprocess.CompletedProcess[str]":
    """Run the cases on that site; their output is on the standard output."""
    command = [sys.executable, "-m", "conformance", "--url", site, *map(str, options)]
    environment = {**os.environ, **variables}
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=seconds, check=False
    )
