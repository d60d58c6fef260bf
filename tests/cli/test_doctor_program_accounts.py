"""`retrouve doctor` checks whether each program can open its files with its own account."""

import grp
import os
import pwd
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

import pytest

from cli.checks import DoctorCheckResult, DoctorCheckSeverity
from cli.checks.election_folder import check_folder
from cli.checks.program_accounts import check_program_accounts
from core.app.settings import load
from core.app.settings.election_toml_template import sample
from core.text.text import Language
from core.text.translation import translate
from tests.support.folders import copied_folder

OK, ATTENTION, FAULT = DoctorCheckSeverity
NOBODY = pwd.getpwnam("nobody")
GROUP = grp.getgrgid(NOBODY.pw_gid).gr_name
PASSWORD = "relay.password"

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as another account")


@dataclass(frozen=True)
class Election:
    """An election whose courier has another account, as the installation page recommends."""

    folder: Path

    def checks(self) -> list[DoctorCheckResult]:
        return [*check_program_accounts(load(self.folder), self.folder)]

    def fault(self) -> str:
        (check,) = self.checks()
        assert check.verdict is FAULT
        return translate(check.sentence(), Language.ENGLISH)


@pytest.fixture
def election() -> Iterator[Election]:
    """An election in a folder that other accounts can enter."""
    above = Path(mkdtemp())
    above.chmod(0o755)
    folder = copied_folder(above / "election")
    toml = sample().replace('"smtp.exemple.fr"', f'"127.0.0.1"\nusername = "vote"\npassword_file = "{PASSWORD}"')
    (folder / "election.toml").write_text(toml, "utf-8")
    (folder / PASSWORD).write_text("secret", "utf-8")
    for name, mode in ((".", 0o2770), ("election.toml", 0o640), ("retrouve.sqlite3", 0o660), (PASSWORD, 0o640)):
        os.chown(folder / name, 0, NOBODY.pw_gid)
        (folder / name).chmod(mode)
    os.chown(folder / "keys/courier.key", NOBODY.pw_uid, NOBODY.pw_gid)
    yield Election(folder)
    rmtree(above)


def test_programs_that_can_open_their_files_are_fine(election: Election) -> None:
    """With the documented owners and modes, doctor finds that every program can open its files.

    It is root again afterwards.
    """
    groups = os.getgroups()

    assert [check.verdict for check in election.checks()] == [OK]
    assert (os.geteuid(), os.getegid(), os.getgroups()) == (0, 0, groups)


def test_an_unreadable_password_file_of_the_courier_is_found(election: Election) -> None:
    """Doctor reports a password file that the courier's account cannot read, and names the account."""
    (election.folder / PASSWORD).chmod(0o600)

    said = election.fault()

    assert "nobody" in said
    assert "courier" in said
    assert said.endswith(("install.md.",))
    assert [word for word in said.split() if "election/" in word] == [f"{election.folder / PASSWORD}."]


def test_a_folder_that_its_programs_cannot_enter_is_found(election: Election) -> None:
    """Doctor reports a folder that the courier cannot enter, and names the account and group that can."""
    shared = translate(check_folder(election.folder).sentence(), Language.ENGLISH)
    assert "account root" in shared
    assert f"group {GROUP}" in shared

    election.folder.chmod(0o700)

    assert str(election.folder / "election.toml") in election.fault()
    alone = translate(check_folder(election.folder).sentence(), Language.ENGLISH)
    assert "account root" in alone
    assert "group" not in alone
