"""What README tells a newcomer to type is what works."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli import main
from cli.fiction import fictional_people, write_roll

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
COMMANDS = re.findall(r"^\$ (?:\.venv/bin/)?(\w+) ([^#\n]+)", README, re.MULTILINE)
TARGETS = [rest.split()[0] for program, rest in COMMANDS if program == "make"]
SERVERS = {"serve", "courier"}
"""They run until they are told to stop; tests/conformance runs them."""


def retrouve(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """The command, as this interpreter has it."""
    return subprocess.run(
        [sys.executable, "-m", "cli", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("target", TARGETS)
def test_every_make_target_exists(target: str) -> None:
    """`make -n` knows what to do for it."""
    planned = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=False)

    assert planned.returncode == 0, planned.stderr


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`retrouve ([a-z]+)", README))))
def test_every_subcommand_named_exists(name: str) -> None:
    """It explains itself with --help."""
    assert CliRunner().invoke(main, [name, "--help"]).exit_code == 0


def test_the_commands_to_run_it_for_real_work_in_their_order(tmp_path: Path) -> None:
    """From an empty place to an election with its voters; those that serve answer --help here."""
    folder, roll = tmp_path / "election", tmp_path / "roll.csv"
    write_roll(fictional_people(20, 1), roll)
    typed = [rest.split() for program, rest in COMMANDS if program == "retrouve"]
    assert [words[0] for words in typed] == ["init", "doctor", "roll", "serve", "courier"]

    for words in typed:
        here = [str(folder) if word == "/srv/election" else str(roll) if word == "roll.csv" else word for word in words]
        ended = retrouve(*here, *(["--help"] if words[0] in SERVERS else []))

        # The doctor finds the sample's relays out of reach, and says so: that is its work.
        assert ended.returncode == (1 if words[0] == "doctor" else 0), ended.stderr
        assert "Traceback" not in ended.stderr
