import subprocess
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

COMMIT_DIGITS = 12
CHECKOUT = Path(__file__).parents[1]
ANY_OWNER = ("-c", "safe.directory=*")
"""Git options for reading a checkout that another account owns."""


def program_version() -> str:
    """Return the version of the program and, if known, its commit."""
    commit = _commit()
    return version("retrouve") + (f" (commit {commit[:COMMIT_DIGITS]})" if commit else "")


def _commit() -> str:
    built = files("cli") / "commit.txt"
    if built.is_file():
        return built.read_text("utf-8").strip()
    if not (CHECKOUT / ".git").exists():
        return ""
    command = ["git", *ANY_OWNER, "-C", str(CHECKOUT), "rev-parse", "HEAD"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603  # no user input
    except OSError:  # git is not installed
        return ""
