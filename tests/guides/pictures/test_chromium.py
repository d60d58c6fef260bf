"""Errors of Chromium are reported with their cause, and no process of Chromium is left running."""

import os
import signal
from pathlib import Path
from unittest import mock

import pytest
from playwright.sync_api import Error, Page

from core.flows.picture_browser import PictureScenarios, PictureSite
from core.text.text import Language
from guides.pictures import ChromiumFailed, chromium
from guides.pictures.callouts import Box
from guides.pictures.camera import FRAMES_UNTIL_DRAWN, PageCamera
from guides.pictures.chromium import chromium_version, open_page
from guides.pictures.flow_walk import FlowWalk
from tests.support.guides import BOOK, HOUSE
from tests.support.product import alive, descendants, eventually, free_port
from tests.support.product.processes import name_of

COUNT_FRAMES = """() => {
    window.frames_drawn = 0;
    const count = () => { window.frames_drawn++; requestAnimationFrame(count); };
    requestAnimationFrame(count);
}"""


@pytest.fixture
def site() -> PictureSite:
    """Return a site at whose port nothing answers."""
    return mock.Mock(
        address="https://vote.exemple.fr",
        port=free_port(),
        language=Language.FRENCH,
        calendar=HOUSE.dependencies.calendar,
    )


def chromium_processes() -> set[int]:
    """Return the descendants of this process that are running Chromium processes."""
    return {pid for pid in descendants(os.getpid()) if name_of(pid).startswith("chromium") and alive(pid)}


def test_what_chromium_cannot_do_is_named_and_its_processes_end(site: PictureSite) -> None:
    """The error names the site that does not answer, and no process of Chromium is left running."""
    with open_page(site):
        assert chromium_processes()
    with pytest.raises(ChromiumFailed, match="ERR_CONNECTION_REFUSED"), open_page(site) as page:
        page.goto(site.address)
    eventually(lambda: not chromium_processes(), "the end of Chromium's processes")


@pytest.mark.parametrize("kind", ["--type=renderer", "/usr/lib/chromium/"], ids=["page", "all"])
def test_a_chromium_that_is_killed_says_so(site: PictureSite, kind: str) -> None:
    """If the page or the whole browser is killed, the error says so."""

    def kill() -> None:
        for pid in chromium_processes():
            if kind in Path(f"/proc/{pid}/cmdline").read_text():
                os.kill(pid, signal.SIGKILL)

    def use_after_kill() -> None:
        with open_page(site) as page:
            kill()
            page.goto("about:blank")

    with pytest.raises(ChromiumFailed, match="was killed"):
        use_after_kill()


def test_a_chromium_that_does_not_start_names_the_cause(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If Chromium lacks a library, the error names the library."""
    program = tmp_path / "chromium"
    program.write_text(
        "#!/bin/sh\necho noise >&2\necho 'error while loading shared libraries: libnss3.so' >&2\nexit 127"
    )
    program.chmod(0o755)
    monkeypatch.setattr(chromium, "CHROMIUM", str(program))
    with pytest.raises(ChromiumFailed, match=r"libnss3\.so"):
        chromium_version()


def test_a_navigation_is_repeated_after_a_change_of_the_network() -> None:
    """A navigation is tried once more if the machine's network changed. Any other failure ends the walk."""
    page = mock.Mock(spec=Page)
    changed, failed = Error("net::ERR_NETWORK_CHANGED at https://vote.exemple.fr/"), Error("net::ERR_FAILED")
    page.goto.side_effect = [changed, None, failed]
    walk = FlowWalk(mock.Mock(), page, BOOK.flows, BOOK.flows[0], PictureScenarios())

    walk.open("https://vote.exemple.fr/")
    assert page.goto.call_count == 2
    with pytest.raises(Error, match="ERR_FAILED"):
        walk.open("https://vote.exemple.fr/")
    assert page.goto.call_count == 3


def test_a_page_with_a_mail_is_photographed_some_frames_later(site: PictureSite) -> None:
    """A page with a mail is photographed only after several frames, because the first frames may lack the mail."""
    with open_page(site) as page:
        page.goto("data:text/html,<iframe srcdoc='a mail'></iframe>")
        page.evaluate(COUNT_FRAMES)
        PageCamera(page).photograph(Box(0, 0, 10, 10))

        assert page.evaluate("() => window.frames_drawn") >= FRAMES_UNTIL_DRAWN
