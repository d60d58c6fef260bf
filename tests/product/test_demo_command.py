"""`retrouve demo` can be started again, shifts its clock, reports a port in use, and can be stopped."""

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from errno import ENOSPC
from itertools import takewhile
from pathlib import Path
from unittest import mock

import pytest
from click.testing import CliRunner

from cli.demo import PARIS
from cli.demo import demo as demo_command
from cli.make_demo import make_demo
from core.flows.password.definition import PasswordFlow
from core.policy.policy import Policy
from core.text.text import Language
from core.text.urls import help_page_file
from demo import DemoRefused
from demo.folder import (
    LOCK_FILE,
    LOG_FOLDER,
    UNDER_WAY,
    VOTERS_FILE,
    is_demo_folder,
    locked_demo_folder,
    require_no_other_files,
)
from demo.help import SCRATCH
from guides.handout_files import Handout, HandoutFormat, WrittenHandout, write_handout_list
from guides.picture_manifest import Picture, picture_requests, write_manifest
from tests.support.product import (
    NO_HELP,
    RETROUVE,
    SECONDS_TO_STOP,
    Installation,
    alive,
    demo,
    descendants,
    eventually,
    exchange,
    free_port,
    french_time,
    put_down,
)

PORT_TAKEN_SECONDS = 180
PATIENT_START = (
    sys.executable,
    "-c",
    "from demo import folder; assert folder.SECONDS_TO_END; folder.SECONDS_TO_END = 180; " + NO_HELP[-1],
)
"""The demo command with a longer wait for a demo that is ending, because the machine may be busy."""


def test_a_second_start_keeps_data_and_moves_every_clock(tmp_path: Path) -> None:
    """After a second start at another port and time, a link still works until just before its end.

    The help keeps its pictures and handouts.
    """
    folder, noon = tmp_path / "demo", datetime(2031, 3, 4, 12, 0, tzinfo=PARIS)
    with demo(folder, voters=20, now=noon, command=NO_HELP) as first:
        early, late = first.take_unused_voter(), first.take_unused_voter()
        asked = first.browser().ask_for_link_mail(early.email)
        assert re.search(r"jusqu'au mardi 4 mars 2031 à 16 h( 0\d)?", asked.text)
        mail, link = first.mail(early.email), first.link(late)
        assert "mardi 4 mars 2031 à 12 h" in mail.words
        moments = first.rows("SELECT expires FROM links ORDER BY expires")
    picture, printed = add_picture_and_handout(folder)
    expiries = [datetime.fromtimestamp(each / 1e6, PARIS) for (each,) in moments]
    assert timedelta(hours=3, minutes=59) < expiries[0] - noon < timedelta(hours=4, minutes=10)
    with demo(folder, voters=20, now=expiries[0] - timedelta(minutes=5)) as before:
        browser = before.browser()
        assert browser.get(mail.link.replace(first.site, before.site)).step == "MP-6"
        assert browser.submit_new_password("Nuage violet 2018").step == "MP-7"
        page = browser.get(f"/aide/{help_page_file(picture.shot.flow, Language.FRENCH)}").body
        assert f"pictures/{picture.path}" in page
        assert printed.name in page
        assert f"{before.site}/" in page
        assert exchange(before.site, "GET", f"/aide/pictures/{picture.path}").status == 200
        assert exchange(before.site, "GET", f"/aide/{printed.name}").status == 200
    with demo(folder, voters=20, now=expiries[1] + timedelta(seconds=1), command=NO_HELP) as after:
        dead = after.browser().get(link.replace(first.site, after.site))
        assert (dead.status, dead.refusal) == (410, "link-expired")
        assert f"mardi 4 mars 2031 à {french_time(expiries[1])}" in dead.text
        assert after.browser().sign_in(early.email, "Nuage violet 2018").step == "EV-1"


def test_a_demo_in_the_past_is_not_over(tmp_path: Path) -> None:
    """A demo whose clock is moved to a past election does not print that the election is over."""
    options = ["--now", "2018-12-01T09:00", "--no-pictures", "--voters", "5", "--dir", str(tmp_path / "demo")]
    process = subprocess.Popen(  # our own command
        [*NO_HELP, "demo", "--port", str(free_port()), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        said = list(takewhile(lambda line: not line.startswith("Pour arrêter"), process.stdout))
        process.terminate()
        said.extend(process.communicate()[0].splitlines())
    finally:
        put_down(process)

    assert said
    assert "est terminée" not in "".join(said)


def add_picture_and_handout(folder: Path) -> tuple[Picture, Handout]:
    """Add a picture and a handout to the folder of a demo."""
    shot = picture_requests([PasswordFlow(Policy()).flow])[0]
    picture = Picture(shot=shot, path=shot.name, alt="", width=1, height=1, marks=())
    (folder / "guides.pictures").mkdir(exist_ok=True)
    (folder / "guides.pictures" / picture.path).write_bytes(b"a picture")
    write_manifest(folder / "guides.pictures", [picture])
    printed = Handout(flow=shot.flow, language=Language.FRENCH, kind=HandoutFormat.PRINT, weight=9)
    (folder / "guides.handouts").mkdir()
    (folder / "guides.handouts" / printed.path).write_bytes(b"a handout")
    write_handout_list(folder / "guides.handouts", [WrittenHandout(printed, "")])
    return picture, printed


def test_a_demo_takes_its_pictures_while_it_serves_and_stops_in_time(tmp_path: Path) -> None:
    """If a demo is stopped while it takes pictures, all its processes end in time."""
    with demo(tmp_path / "demo", voters=20, pictures=True) as illustrated:
        assert "Les images de cette aide se font en ce moment" in illustrated.browser().get("/aide/").text
        eventually(lambda: has_page_open(illustrated.process.pid), "a browser that takes pictures")

    assert not (tmp_path / "demo" / SCRATCH).exists()


def has_page_open(pid: int) -> bool:
    """Return whether a browser that a process has started has a page open."""
    commands = list[str]()
    for each in descendants(pid):
        with suppress(OSError):  # it has ended
            commands.append(Path(f"/proc/{each}/cmdline").read_text())
    return any("--type=renderer" in command for command in commands)


@pytest.fixture
def refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Return a function that runs a demo in the folder "demo", which must be refused.

    It runs in this process, and the function returns its French output.
    """
    monkeypatch.setenv("RETROUVE_LANGUAGE", "fr")
    monkeypatch.setattr("cli.demo.set_on_stop_signal", lambda _: None)
    monkeypatch.setattr("demo.folder.SECONDS_TO_END", 0)

    def run(*options: str) -> str:
        arguments = ["--headless", "--dir", str(tmp_path / "demo"), *options]
        ended = CliRunner().invoke(demo_command, arguments)
        assert (ended.exit_code, type(ended.exception)) == (1, SystemExit), ended.output
        return ended.stderr

    return run


def test_a_demo_reports_a_port_in_use(refused: Callable[..., str], tmp_path: Path) -> None:
    """If its port is in use, a demo names the port, suggests another one, and leaves its folder empty."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        told = refused("--port", port)
    assert port in told
    assert re.search(r"--port \d+", told)
    assert [each.name for each in (tmp_path / "demo").iterdir()] == [LOCK_FILE]


def test_a_demo_at_an_impossible_moment_is_refused(refused: Callable[..., str], tmp_path: Path) -> None:
    """A time that no clock or no election can have is refused with a sentence, before anything is created."""
    for now in ("0001-01-01T00:00", "1970-01-01T00:00"):
        assert now in refused("--now", now)
    assert not (tmp_path / "demo").exists()


def test_a_folder_has_one_demo_from_the_start_of_its_preparation(refused: Callable[..., str], tmp_path: Path) -> None:
    """A start in a folder in which another demo is being prepared is refused with a sentence."""
    with locked_demo_folder(tmp_path / "demo"):
        (tmp_path / "demo" / "master.key").touch()
        told = refused("--port", str(free_port()))
    assert f"tourne déjà dans {tmp_path / 'demo'}" in told


def test_serve_reports_a_port_in_use(parts: Installation) -> None:
    """If its port is in use, `retrouve serve` ends with a line that names the port, and without a stack trace."""
    with socket.create_server(("127.0.0.1", parts.port)):
        serve = parts.start("serve", ready=False)
        assert serve.wait(PORT_TAKEN_SECONDS) != 0
    assert "Traceback" not in parts.logs()
    assert str(parts.port) in parts.logs()


@pytest.mark.parametrize("wish", [signal.SIGTERM, signal.SIGHUP], ids=["SIGTERM", "terminal-closed"])
def test_a_demo_asked_to_stop_while_it_starts_ends_everything(tmp_path: Path, wish: signal.Signals) -> None:
    """A demo that is stopped before the site is ready ends with all its processes within five seconds."""
    process = subprocess.Popen(  # our own command
        [*RETROUVE, "demo", "--headless", "--port", str(free_port()), "--dir", str(tmp_path / "demo"), "--voters", "5"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        started = eventually(lambda: descendants(process.pid), "its first process")
        process.send_signal(wish)
        assert process.wait(SECONDS_TO_STOP) == 0
        eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in started), "the end of its processes")
    finally:
        put_down(process)


def test_a_demo_whose_making_was_cut_short_is_made_by_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the disk was full while a demo was being created, the next start in the same folder completes it."""
    folder, noon = tmp_path / "demo", datetime(2031, 3, 4, 12, 0, tzinfo=PARIS)
    with locked_demo_folder(folder), monkeypatch.context() as full:
        full.setattr("demo.folder.write_roll", mock.Mock(side_effect=OSError(ENOSPC, "no room on the device")))
        with pytest.raises(DemoRefused, match="no room on the device"):
            make_demo(folder, 5, noon)
    with locked_demo_folder(folder):
        require_no_other_files(folder)
        make_demo(folder, 5, noon)
    assert is_demo_folder(folder)
    assert {each.name for each in folder.iterdir()} >= {"master.key", "election.toml", "roll.csv", LOG_FOLDER}
    assert not [each for each in folder.iterdir() if each.name == UNDER_WAY]


def test_a_demo_of_another_version_is_refused_with_what_to_do(refused: Callable[..., str], tmp_path: Path) -> None:
    """A folder with a setting that this version does not know is refused, and no program is started."""
    folder = tmp_path / "demo"
    with locked_demo_folder(folder):
        make_demo(folder, 5, datetime(2031, 3, 4, 12, 0, tzinfo=PARIS))
    settings = folder / "election.toml"
    settings.write_text(f'demo_mailbox = "mailbox"\n{settings.read_text("utf-8")}', "utf-8")

    assert "autre version" in refused("--port", str(free_port()))


def test_a_folder_with_anybody_elses_files_is_refused_and_kept(tmp_path: Path) -> None:
    """Other people's files in a folder are neither moved nor removed, whatever the folders are called."""
    theirs, begun = tmp_path / "theirs", tmp_path / "begun"
    kept = ["prepared/a", "prepared/roll.csv", "preparing/b", "a"]
    for name in [
        *(f"theirs/{each}" for each in kept),
        f"begun/{UNDER_WAY}/roll.csv",
        f"begun/{UNDER_WAY}/{VOTERS_FILE}",
        "begun/roll.csv",
    ]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    for folder in (theirs, theirs / "prepared", begun):
        with pytest.raises(DemoRefused, match="autre chose"), locked_demo_folder(folder):
            pass
    assert [(theirs / each).read_text() for each in kept] == [f"theirs/{each}" for each in kept]
    assert (begun / "roll.csv").read_text() == "begun/roll.csv"


def test_a_killed_demo_leaves_nothing_running_and_starts_again_at_its_port(tmp_path: Path) -> None:
    """After a demo was killed, no process is left running, and a new demo can start at the same port."""
    folder, port = tmp_path / "demo", free_port()
    command = [*PATIENT_START, "demo", "--headless", "--no-pictures", "--voters", "5", "--dir", str(folder)]
    killed = subprocess.Popen([*command, "--port", str(port)], stdout=subprocess.PIPE)  # our own command
    try:
        assert killed.stdout is not None
        assert killed.stdout.readline().startswith(b"ready")
        started = descendants(killed.pid)
    finally:
        killed.kill()
        killed.wait()
    with demo(folder, voters=5, port=port, command=PATIENT_START):
        eventually(lambda: not any(map(alive, started)), "the end of what the killed demo started")
    killed.communicate()
