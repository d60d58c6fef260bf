"""`retrouve guides build`, and plain MkDocs."""

import os
import subprocess
import sys
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.guides import guides
from cli.pictures import are_up_to_date, bring_up_to_date
from core.bootstrap import open_house
from core.places import HELP_FRONT, help_page
from core.text import Language
from guides.pictures.album import Tally
from guides.shots import MANIFEST, write_manifest
from tests.support.folders import made_folder

ROOT = Path(__file__).parents[2]
FRONT = help_page(HELP_FRONT, Language.FRENCH)


@pytest.fixture(autouse=True)
def _french(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETROUVE_LANGUAGE", "fr")
    monkeypatch.delenv("RETROUVE_DATABASE_URL", raising=False)


@pytest.fixture(autouse=True)
def _without_pictures(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """They are taken in tests/guides/pictures, handouts are made in tests/guides: a whole round of them lasts minutes."""
    write_manifest(tmp_path, ())
    monkeypatch.setattr("cli.guides._pictures", lambda _house, _folder: tmp_path)
    monkeypatch.setattr("cli.guides._handouts", lambda _house, _pictures, _folder: ())


@pytest.fixture(scope="module")
def election(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new election."""
    return made_folder(tmp_path_factory.mktemp("guides") / "election")


def build(folder: Path, *options: str) -> Result:
    """The command on that folder."""
    return CliRunner().invoke(guides, ["build", "--dir", str(folder), *options], catch_exceptions=False)


def test_the_help_is_built_where_the_site_looks_for_it(election: Path) -> None:
    """It says how its words read, in both languages, and leaves nothing half made beside it; again is as good."""
    for _ in range(2):
        result = build(election)

        assert result.exit_code == 0, result.output
        assert "Kandel-Moles" in result.output
        assert "Flesch" in result.output
        assert (election / "guides" / FRONT).exists()
        assert list(election.glob("guides.*")) == []


def test_a_folder_that_holds_something_else_is_left_alone(election: Path, tmp_path: Path) -> None:
    """MkDocs would empty it."""
    (tmp_path / "precious.txt").write_text("mine", encoding="utf-8")
    result = build(election, "--to", str(tmp_path))

    assert result.exit_code == 1
    assert str(tmp_path) in result.output
    assert {path.name for path in tmp_path.iterdir()} == {MANIFEST, "precious.txt"}


def test_what_builds_it_is_named_when_it_is_missing(election: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The product runs without it."""
    monkeypatch.setitem(sys.modules, "mkdocs.exceptions", None)
    result = build(election)

    assert result.exit_code == 1
    assert "retrouve[guides]" in result.output


def test_plain_mkdocs_builds_the_same_strictly(election: Path, tmp_path: Path) -> None:
    """By the mkdocs.yml of the sources."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")]
    ended = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "RETROUVE_DIR": str(election)},
        check=False,
        capture_output=True,
        text=True,
    )

    assert ended.returncode == 0, ended.stderr
    assert (tmp_path / "site" / FRONT).read_text("utf-8") == (election / "guides" / FRONT).read_text("utf-8")


def test_a_demo_knows_whether_its_pictures_are_those_of_its_help(
    election: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taken once they are; at another address, or where none were taken, they are not. Nothing is taken twice."""
    rounds: list[object] = []
    monkeypatch.setattr("cli.pictures.rehearsals", lambda _house: nullcontext())
    monkeypatch.setattr("cli.pictures.take", lambda *_: rounds.append(_) or Tally(0, 0))
    house = open_house(election)
    elsewhere = replace(house.tools, election=replace(house.election, site="http://127.0.0.1:1"))
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    write_manifest(pictures, ())

    assert not are_up_to_date(house, pictures)
    for _ in range(2):
        bring_up_to_date(house, pictures)
        assert are_up_to_date(house, pictures)
    assert not are_up_to_date(replace(house, tools=elsewhere), pictures)
    assert len(rounds) == 1
    house.close()
