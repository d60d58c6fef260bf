"""Writes the commit into what is built from a checkout, so that `retrouve --version` can name it."""

import subprocess
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

COMMIT_FILE = "cli/commit.txt"


class CommitFileBuildHook(BuildHookInterface[Any]):
    """A build hook of hatchling, for wheels and source archives. An editable installation asks git itself."""

    _written: Path | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the file of the commit; a source archive has it already."""
        if version == "editable" or not (Path(self.root) / ".git").exists():
            return
        command = ["git", "-c", "safe.directory=*", "-C", self.root, "rev-parse", "HEAD"]  # another account's too
        asked = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # no input
        if asked.returncode == 0:
            with NamedTemporaryFile("w", delete=False, encoding="utf-8", suffix=".txt") as file:
                file.write(asked.stdout)
            self._written = Path(file.name)
            build_data["force_include"][file.name] = COMMIT_FILE

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002  # hatchling's signature
        """Remove the temporary file."""
        if self._written is not None:
            self._written.unlink()
