"""Adds the git commit to a package when the package is built."""

import subprocess
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

COMMIT_FILE = "cli/commit.txt"


class CommitFileBuildHook(BuildHookInterface[Any]):
    """A hatchling hook that writes the git commit into wheels and source archives."""

    _written: Path | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the commit file. Skips editable installations and sources that are not a git checkout."""
        if version == "editable" or not (Path(self.root) / ".git").exists():
            return
        # With safe.directory, git also reads a checkout that belongs to another account.
        command = ["git", "-c", "safe.directory=*", "-C", self.root, "rev-parse", "HEAD"]
        asked = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # no input
        if asked.returncode == 0:
            with NamedTemporaryFile("w", delete=False, encoding="utf-8", suffix=".txt") as file:
                file.write(asked.stdout)
            self._written = Path(file.name)
            build_data["force_include"][file.name] = COMMIT_FILE

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002  # hatchling's signature
        if self._written is not None:
            self._written.unlink()
