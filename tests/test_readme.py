"""The commands in the README and in other documents exist and work."""

import re
import subprocess
from pathlib import Path

import click
import pytest

from cli import main

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
DOCUMENTS = README + "".join(path.read_text("utf-8") for path in sorted((ROOT / "docs").glob("*.md")))
NAMED = sorted(set(re.findall(r"(?:`|^ *[a-z0-9]*[$#] )retrouve ([^`\n#]+)", DOCUMENTS, re.MULTILINE)))
COMMANDS = re.findall(r"^\$ (\w+) ([^#\n]+)", README, re.MULTILINE)
TARGETS = [rest.split()[0] for program, rest in COMMANDS if program == "make"]


@pytest.mark.parametrize("target", TARGETS)
def test_every_make_target_exists(target: str) -> None:
    """Every make target in the README exists."""
    planned = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=False)

    assert planned.returncode == 0, planned.stderr


def test_every_command_named_exists() -> None:
    """Every command in a document exists, and has each option that the document uses."""
    assert NAMED
    for written in NAMED:
        words, command = written.split(), main
        while isinstance(command, click.Group) and words and not words[0].startswith("-"):
            found = command.get_command(click.Context(command), words.pop(0))
            assert found is not None, written
            command = found
        known = {name for each in command.params for name in each.opts} | {"--help"}
        assert {word for word in words if word.startswith("--")} <= known, written


@pytest.mark.parametrize(
    ("target", "installed"),
    [
        ("install", {"build", "guides"}),
        ("demo", {"build", "guides"}),
        ("check", {"build", "guides", "dev"}),
        ("test", {"build", "guides", "dev"}),
        ("wheel", {"build"}),
        ("deb", {"build"}),
    ],
)
def test_a_target_installs_what_it_needs_and_no_more(target: str, installed: set[str], tmp_path: Path) -> None:
    """In a new checkout, each make target installs exactly the lock files that it needs."""
    (tmp_path / "Makefile").symlink_to(ROOT / "Makefile")
    (tmp_path / "locks").symlink_to(ROOT / "locks")
    (tmp_path / "pyproject.toml").symlink_to(ROOT / "pyproject.toml")

    planned = subprocess.run(["make", "-n", target], cwd=tmp_path, capture_output=True, text=True, check=True)

    assert set(re.findall(r"pip .*locks/(\w+)\.txt", planned.stdout)) == installed
