"""`retrouve agent`: what the operator hands over, once, and who may come from then on."""

import re
from pathlib import Path

import pyotp
import pytest
from click.testing import CliRunner, Result

from cli.agent import agent
from core import bootstrap, errors
from core.service.desk.proofs import Duty, Newcomer
from tests.support.desk import OWN
from tests.support.folders import copied_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A new election."""
    return copied_folder(tmp_path / "election")


def run(folder: Path, *arguments: str) -> Result:
    """The command."""
    return CliRunner().invoke(agent, [*arguments, "--dir", str(folder)], catch_exceptions=False)


def given(shown: str) -> tuple[str, str]:
    """The first password and the secret, as the operator reads them."""
    password = re.search(r"(?:[2-9A-Z]{4}-){3}[2-9A-Z]{4}", shown)
    secret = re.search(r"(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}", shown)
    assert password is not None
    assert secret is not None
    return password.group(), secret.group().replace(" ", "")


def test_someone_added_signs_in_with_what_was_shown(folder: Path) -> None:
    """First with the password given, which is good for choosing one's own and for nothing else."""
    shown = run(folder, "add", "Camille", "--role", "agent").output
    password, secret = given(shown)
    house = bootstrap.open_house(folder)

    newcomer = house.desk.agents.sign_in("camille", password, pyotp.TOTP(secret).now())
    assert isinstance(newcomer, Newcomer)
    duty = house.desk.agents.choose_password(newcomer, OWN)

    assert isinstance(duty, Duty)
    with pytest.raises(errors.AgentUnknown):
        house.desk.agents.sign_in("camille", password, pyotp.TOTP(secret).now())
    house.close()


def test_the_code_to_scan_stands_in_the_terminal(folder: Path) -> None:
    """A square of half blocks with quiet around it, and no colour where nobody sees one."""
    lines = [line for line in run(folder, "add", "camille").output.splitlines() if set(line) <= set("█▀▄ ") and line]

    assert len({len(line) for line in lines}) == 1
    assert len(lines) * 2 - len(lines[0]) in {0, 1}
    assert set(lines[0]) == {"█"}


def test_a_name_serves_once(folder: Path) -> None:
    """Even someone removed keeps theirs; a reset gives access again."""
    run(folder, "add", "camille")
    first = run(folder, "add", "camille")
    run(folder, "remove", "camille")
    second = run(folder, "add", "camille")

    assert (first.exit_code, second.exit_code) == (1, 1)
    assert "retrouve agent reset camille" in second.output
    assert run(folder, "reset", "camille", "--role", "supervisor").exit_code == 0
    assert "camille : responsable" in run(folder, "list").output


def test_the_list_says_who_has_not_come_and_who_was_removed(folder: Path) -> None:
    """And shows no secret."""
    assert "agent add" in run(folder, "list").output
    shown = run(folder, "add", "camille").output + run(folder, "add", "claude", "--role", "auditor").output
    run(folder, "remove", "claude")

    listed = run(folder, "list").output

    assert "n'est pas encore venu" in listed
    assert "retiré le" in listed
    assert not any(secret in listed for secret in given(shown))


@pytest.mark.parametrize("name", ["é", "a", "Camille Martin", "x" * 41, "; DROP TABLE agents"])
def test_a_name_that_cannot_be_is_refused_in_a_sentence(folder: Path, name: str) -> None:
    """With an example."""
    refused = run(folder, "add", "--", name)

    assert refused.exit_code == 2
    assert "« camille »" in refused.output


@pytest.mark.parametrize("command", ["reset", "remove"])
def test_nobody_has_that_name(folder: Path, command: str) -> None:
    """Said, with the way to see them all."""
    refused = run(folder, command, "nobody")

    assert refused.exit_code == 1
    assert "retrouve agent list" in refused.output
