"""The wheel is whole: built, installed from the locks into an empty environment, it runs from anywhere."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.text import Language
from tests.support.product import RETROUVE, Demo, demo, exchange

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the locked dependencies and the wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    built, environment = folder / "dist", folder / "env"
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(built), str(ROOT))
    (wheel,) = built.glob("*.whl")
    uv = str(Path(sys.executable).with_name("uv"))
    run(uv, "venv", "--python", sys.executable, str(environment))
    into = (uv, "pip", "install", "--python", str(environment / "bin" / "python"))
    run(*into, "--require-hashes", "--requirement", str(ROOT / "locks" / "runtime.txt"))
    run(*into, "--no-deps", str(wheel))
    return environment


def run(*command: str) -> None:
    """A step; what it says is shown when it fails."""
    ended = subprocess.run(command, cwd="/", capture_output=True, text=True, timeout=180, check=False)  # our own
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.fixture(scope="module")
def wheel(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo of the installed wheel, started from a folder that has nothing to do with the sources."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    there = {"PYTHONPATH": "", "PATH": f"{installed / 'bin'}:{os.environ['PATH']}", "PYTHONDONTWRITEBYTECODE": ""}
    with demo(
        Path("demo"), voters=20, variables=there, command=(str(installed / "bin" / "retrouve"),), cwd=elsewhere
    ) as it:
        yield it


def test_wheel_serves_its_pages_and_static_files(wheel: Demo) -> None:
    """The installed wheel serves the first page and every file it names."""
    page = wheel.browser().get("/")
    assert page.step == "MP-1"
    for name in ("retrouve.css", "retrouve.js", "logo.svg", "favicon.svg"):
        assert f"/static/{name}" in page.body
        assert exchange(wheel.site, "GET", f"/static/{name}").status == 200
    assert wheel.browser().get("/demo").status == 200


def test_wheel_completes_an_ask_in_english(wheel: Demo) -> None:
    """The catalogue is in the wheel: pages and mail are in English, and the link works."""
    voter = wheel.new_voter(Language.ENGLISH)
    browser = wheel.browser()
    assert "Work e-mail" in browser.get("/?lang=en").text or 'lang="en"' in browser.get("/").body
    page = browser.ask(voter.email)
    assert "dossier" not in page.text.lower()
    mail = wheel.mail(voter.email)
    assert "Hello" in mail.words
    assert browser.get(mail.link).step == "MP-6"
    assert browser.choose("Nuage violet 2018").step == "MP-7"


def test_wheel_commands_answer_help(installed: Path) -> None:
    """The commands of the installed wheel answer --help."""
    assert RETROUVE
    for command in ("demo", "doctor"):
        run(str(installed / "bin" / "retrouve"), command, "--help")
