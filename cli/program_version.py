"""The version and, if known, the commit of this program."""

import subprocess
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

SHOWN = 12
CHECKOUT = Path(__file__).parents[1]
ANYBODYS = ("-c", "safe.directory=*")
"""Options with which git reads a checkout that another account owns."""


def program_version() -> str:
    """Return the version, and the commit of the checkout or of the wheel (`deploy/hatch_build.py`)."""
    commit = _commit()
    return version("retrouve") + (f" (commit {commit[:SHOWN]})" if commit else "")


def _commit() -> str:
    built = files("cli") / "commit.txt"
    if built.is_file():
        return built.read_text("utf-8").strip()
    if not (CHECKOUT / ".git").exists():
        return ""
    command = ["git", *ANYBODYS, "-C", str(CHECKOUT), "rev-parse", "HEAD"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603  # no input
    except OSError:  # git is not installed
        return ""
