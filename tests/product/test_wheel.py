"""The wheel works in an empty environment with the locked dependencies, from any folder."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.text.text import Language
from tests.support.product import RETROUVE, Demo, demo, exchange

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an environment made by the README's commands for an installation, with uv instead of pip."""
    folder = tmp_path_factory.mktemp("wheel")
    (folder / "locks").symlink_to(ROOT / "locks")
    uv, environment = str(Path(sys.executable).with_name("uv")), folder / "opt/.venv"
    built = ("build", "--wheel", "--no-build-isolation", "--python", sys.executable, "--out-dir", str(folder / "dist"))
    run(uv, *built, str(ROOT))
    (made,) = re.findall(r"^# python3 -m venv (/opt/retrouve/.venv)$", README, re.MULTILINE)
    run(uv, "venv", "--python", sys.executable, str(environment))
    commands = re.findall(rf"^# {made}/bin/pip install (.+)$", README, re.MULTILINE)
    assert len(commands) == 2
    for arguments in commands:
        into = f"{uv} pip install --python {environment}/bin/python {arguments}"
        run("sh", "-euc", into, cwd=folder)
    return environment


def run(*command: str, cwd: str | Path = "/") -> str:
    """Run a command and return its output. If the command fails, its output is shown."""
    ended = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=180, check=False)  # our own
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.fixture(scope="module")
def wheel(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Run the demo of the installed wheel, in a folder without the sources."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    there = {"PYTHONPATH": "", "PATH": f"{installed / 'bin'}:{os.environ['PATH']}", "PYTHONDONTWRITEBYTECODE": ""}
    with demo(
        Path("demo"), voters=20, variables=there, command=(str(installed / "bin" / "retrouve"),), cwd=elsewhere
    ) as it:
        yield it


def test_wheel_serves_its_pages_and_static_files(wheel: Demo) -> None:
    """The installed wheel serves the first page and every file that it loads."""
    page = wheel.browser().get("/")
    assert page.step == "MP-1"
    for name in ("retrouve.css", "retrouve.js", "logo.svg", "favicon.svg"):
        assert f"/static/{name}" in page.body
        assert exchange(wheel.site, "GET", f"/static/{name}").status == 200
    assert wheel.browser().get("/demo").status == 200


def test_wheel_completes_a_request_in_english(wheel: Demo) -> None:
    """The wheel contains the English translations: pages and the mail are in English, and the link works."""
    voter = wheel.take_unused_voter(Language.ENGLISH)
    browser = wheel.browser()
    assert "Work e-mail" in browser.get("/?lang=en").text or 'lang="en"' in browser.get("/").body
    page = browser.ask_for_link_mail(voter.email)
    assert "dossier" not in page.text.lower()
    mail = wheel.mail(voter.email)
    assert "Hello" in mail.words
    assert browser.get(mail.link).step == "MP-6"
    assert browser.submit_new_password("Nuage violet 2018").step == "MP-7"


def test_wheel_commands_answer_help(installed: Path) -> None:
    """Each command of the installed wheel answers --help."""
    assert RETROUVE
    for command in ("demo", "doctor"):
        run(str(installed / "bin" / "retrouve"), command, "--help")


def test_wheel_knows_the_commit_that_it_was_built_from(installed: Path) -> None:
    """A wheel that was built from a checkout knows its commit, without git and without the checkout."""
    told = run("env", "PATH=/nowhere", str(installed / "bin" / "retrouve"), "--version")

    if (ROOT / ".git").exists():
        assert f"(commit {run('git', '-C', str(ROOT), 'rev-parse', 'HEAD')[:12]})" in told
    assert told.startswith("retrouve 0.")


def test_an_installation_has_no_development_parts(installed: Path) -> None:
    """An installation contains no library that only tests, checks or the help need."""
    asked = (
        "from importlib.util import find_spec as f; print([n for n in ('pytest','ruff','mypy','playwright') if f(n)])"
    )
    told = subprocess.run([installed / "bin/python", "-c", asked], capture_output=True, text=True, check=True)

    assert told.stdout == "[]\n"
