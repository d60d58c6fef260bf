"""The commands of the README work."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from cli import main
from demo.fictional_voters import fictional_people, write_roll

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
OPERATION = (ROOT / "docs/operation.md").read_text("utf-8")
COMMANDS = re.findall(r"^\$ (\w+) ([^#\n]+)", README, re.MULTILINE)
TARGETS = [rest.split()[0] for program, rest in COMMANDS if program == "make"]
SERVERS = {"serve", "courier"}
"""Commands that run until they are stopped, which tests/product runs."""


def retrouve(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Return the command of this interpreter."""
    return subprocess.run(
        [sys.executable, "-m", "cli", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("target", TARGETS)
def test_every_make_target_exists(target: str) -> None:
    """Every make target that the README names exists."""
    planned = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, text=True, check=False)

    assert planned.returncode == 0, planned.stderr


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`retrouve ([a-z]+)", README + OPERATION))))
def test_every_subcommand_named_exists(name: str) -> None:
    """Every subcommand that the README and the operator's page name has a --help."""
    assert CliRunner().invoke(main, [name, "--help"]).exit_code == 0


def test_the_commands_of_a_real_installation_work(tmp_path: Path) -> None:
    """The README's commands make an election with voters in an empty folder; for servers, --help is run here."""
    folder, roll = tmp_path / "election", tmp_path / "roll.csv"
    write_roll(fictional_people(20, 1), roll)
    typed = [rest.split() for program, rest in COMMANDS if program == "retrouve"]
    assert [words[0] for words in typed] == ["init", "doctor", "roll", "serve", "courier"]

    for words in typed:
        here = [str(folder) if word == "/srv/election" else str(roll) if word == "roll.csv" else word for word in words]
        ended = retrouve(*here, *(["--help"] if words[0] in SERVERS else []))

        # The doctor reports that the sample's relays cannot be reached, as it should.
        assert ended.returncode == (1 if words[0] == "doctor" else 0), ended.stderr
        assert "Traceback" not in ended.stderr
