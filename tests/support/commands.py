"""Runs commands of `retrouve` in this process."""

from pathlib import Path

from click.testing import CliRunner, Result

from cli import main


def run(folder: Path, *words: object) -> Result:
    return CliRunner().invoke(main, [*map(str, words), "--dir", str(folder)], catch_exceptions=False)
