"""A test run leaves nothing in the folder for temporary files."""

import os
import subprocess
import sys
from pathlib import Path

from tests.support.product import eventually

TESTS = """
import multiprocessing.util, os, signal, subprocess, sys, tempfile

def test_one(tmp_path):
    (tmp_path / "file").touch()
    tempfile.mkdtemp()
    multiprocessing.util.get_temp_dir()  # which multiprocessing removes at exit

def test_two():
    # A killed process leaves its files.
    code = "import os, tempfile; tempfile.mkstemp(); os.kill(os.getpid(), 9)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -signal.SIGKILL
"""


def test_a_run_leaves_no_temporary_file(tmp_path: Path) -> None:
    """With one process or two, nothing is left but the folder that pytest keeps for failed tests, which is empty."""
    tests, temporary = tmp_path / "test_leaving.py", tmp_path / "temporary"
    tests.write_text(TESTS, "utf-8")
    temporary.mkdir()
    own = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    for processes in ("0", "2"):
        command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.conftest", "-n", processes, str(tests)]
        ended = subprocess.run(
            [*command, "-c", os.devnull, "-o", "tmp_path_retention_policy=failed", "-p", "no:cacheprovider"],
            env={**own, "TMPDIR": str(temporary)},
            cwd=Path(__file__).parents[1],
            capture_output=True,
            text=True,
            check=False,
        )

        assert ended.returncode == 0, ended.stdout + ended.stderr
        assert "Traceback" not in ended.stderr
        eventually(lambda: not list(temporary.glob("retrouve-tests-*")), "the removal of the run's folder")
        left = [path for path in temporary.rglob("*") if path.is_file() and path.name != ".lock"]
        assert left == []
        assert {path.name.partition("-of-")[0] for path in temporary.iterdir()} <= {"pytest"}
