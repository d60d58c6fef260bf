"""`retrouve guides build` builds the help site, which equals the one that plain MkDocs builds."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.guides import guides
from cli.update_pictures import update_pictures
from core.app.election_folder import open_services
from core.text.text import Language
from core.text.urls import HELP_FRONT, help_page_file
from guides.builds import locked_help
from guides.picture_manifest import write_manifest
from guides.pictures.taking import PictureCounts
from tests.support.disks import fill, remount, small_disk
from tests.support.folders import copied_folder
from tests.support.product import alive, descendants, eventually

ROOT = Path(__file__).parents[2]
FRONT = help_page_file(HELP_FRONT, Language.FRENCH)


@pytest.fixture(autouse=True)
def _without_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Disable pictures and handouts, which take minutes and are tested in tests/guides."""
    monkeypatch.setattr("cli.guides._update_pictures", lambda *_: None)
    monkeypatch.setattr("cli.guides._update_handouts", lambda *_: None)


@pytest.fixture(scope="module")
def election(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied_folder(tmp_path_factory.mktemp("guides") / "election")


def build(folder: Path, *options: str) -> Result:
    return CliRunner().invoke(guides, ["build", "--dir", str(folder), *options], catch_exceptions=False)


def test_the_help_is_built_where_the_site_looks_for_it(election: Path) -> None:
    """The help is built in the election's folder, also a second time, and leaves no temporary file."""
    for _ in range(2):
        result = build(election)

        assert result.exit_code == 0, result.output
        assert "Kandel-Moles" in result.output
        assert "Flesch" in result.output
        assert (election / "guides" / FRONT).exists()
        assert [each.name for each in election.glob("guides.*")] == ["guides.pictures"]


def test_a_folder_with_other_files_is_left_unchanged(election: Path, tmp_path: Path) -> None:
    """A target folder that contains other files is refused, because MkDocs would empty it."""
    (tmp_path / "precious.txt").write_text("mine", encoding="utf-8")
    result = build(election, "--to", str(tmp_path))

    assert result.exit_code == 1
    assert str(tmp_path) in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["precious.txt"]


def test_a_help_that_cannot_be_built_says_why_and_leaves_the_former_one(
    election: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the help cannot be built, the command says why in one sentence and keeps the former help."""
    with small_disk(tmp_path / "disk") as disk:
        site, former = disk / "site", disk / "site.former"
        options = "--to", str(site)
        assert build(election, *options).exit_code == 0
        before = {path: path.read_bytes() for path in site.rglob("*") if path.is_file()}
        site.rename(former)  # a killed run may leave it there

        def assert_told(sentence: str) -> None:
            result = build(election, *options)
            assert result.exit_code == 1
            assert len(result.output.splitlines()) == 1
            assert sentence in result.output
            assert {path: path.read_bytes() for path in site.rglob("*") if path.is_file()} == before
            assert sorted(each.name for each in disk.glob("site*")) == ["site", "site.pictures"]

        ballast = fill(disk)
        assert_told("No space left")
        remount(disk, "ro")
        assert_told("Read-only")
        remount(disk, "rw")
        ballast.unlink()
        with locked_help(site):
            assert_told("en train d'être construite")
        monkeypatch.setattr("cli.guides._update_pictures", lambda *_: os.kill(os.getpid(), signal.SIGTERM))
        assert_told("Interrompu")


@pytest.mark.parametrize(
    ("wish", "send"), [(signal.SIGINT, os.killpg), (signal.SIGHUP, os.killpg), (signal.SIGTERM, os.kill)]
)
def test_a_build_that_is_stopped_ends_its_browser(
    election: Path, tmp_path: Path, wish: signal.Signals, send: Callable[[int, int], None]
) -> None:
    """A build that is stopped while it takes pictures ends its processes and removes its files.

    A terminal signals all processes of a command. A service manager signals the command.
    """
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    build = [sys.executable, "-m", "cli", "guides", "build", "--dir", str(election), "--to", str(tmp_path / "site")]
    with subprocess.Popen(
        ["env", "--default-signal", *build],  # tests that a shell runs in the background ignore SIGINT
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as building:
        eventually(
            lambda: building.poll() is not None or any((tmp_path / "site.pictures").glob("*.webp")), "the first picture"
        )
        processes = list(descendants(building.pid))
        send(building.pid, wish)
        said, refusal = building.communicate(timeout=60)

    assert processes
    assert (building.returncode, said) == (1, "")
    assert refusal.count("\n") == 1, refusal
    eventually(lambda: not any(map(alive, processes)), "the end of all processes")
    assert not list(temporary.iterdir())
    assert sorted(each.name for each in tmp_path.glob("site*")) == ["site.pictures"]


def test_a_missing_build_dependency_is_named(election: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that is missing for the build is named."""
    monkeypatch.setitem(sys.modules, "mkdocs.exceptions", None)
    result = build(election)

    assert result.exit_code == 1
    assert "retrouve[guides]" in result.output


def test_plain_mkdocs_builds_the_help_strictly(election: Path, tmp_path: Path) -> None:
    """Plain MkDocs builds the same help in strict mode."""
    assert build(election, "--to", str(tmp_path / "ours")).exit_code == 0
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
    assert (tmp_path / "site" / FRONT).read_text("utf-8") == (tmp_path / "ours" / FRONT).read_text("utf-8")


def test_a_demo_takes_missing_or_outdated_pictures_once(
    election: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A demo takes help pictures only if there are none or if they show another address."""
    rounds: list[object] = []
    monkeypatch.setattr("cli.update_pictures.picture_site", lambda *_: nullcontext())
    monkeypatch.setattr("cli.update_pictures.take_pictures", lambda *_: rounds.append(_) or PictureCounts(0, 0))
    services = open_services(election)
    elsewhere = replace(
        services.dependencies, election=replace(services.dependencies.election, site="http://127.0.0.1:1")
    )
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    write_manifest(pictures, ())

    for _ in range(2):
        update_pictures(services, pictures)
        assert len(rounds) == len(Language)
    update_pictures(replace(services, dependencies=elsewhere), pictures)
    assert len(rounds) == 2 * len(Language)
    services.close()
