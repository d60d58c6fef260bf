"""The help of a demo prints the address at which this demo serves, and says why it has not all its pictures."""

import os
import shutil
import sqlite3
from contextlib import suppress
from errno import ENOSPC
from pathlib import Path
from unittest import mock

import pytest
from pypdf import PdfReader

from cli import update_pictures
from cli.demo_help_builder import LOG, WORTH_PUBLISHING, DemoHelpBuilder
from cli.init import make_election_folder
from cli.update_handouts import update_handouts
from demo.folder import LOG_FOLDER
from guides.handout_content import posters
from guides.handout_files import Handout, read_handout_list
from guides.help_source import help_source_of
from guides.picture_manifest import Picture, picture_requests, write_manifest
from tests.support.guides import EDITION
from tests.support.product import eventually


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of an election."""
    make_election_folder(tmp_path / "demo")
    return tmp_path / "demo"


def test_a_demo_at_another_port_prints_its_own_address(folder: Path) -> None:
    """Handouts that print the address are made anew at another port, not at a second start; the former stay linked until then."""
    to = folder / "guides.handouts"

    def made_at(site: str) -> tuple[tuple[Handout, ...], int]:
        with DemoHelpBuilder(folder, site, takes_pictures=False).services() as services:
            return update_handouts(posters(help_source_of(services), EDITION), to)

    for site in ("http://127.0.0.1:8000", "http://127.0.0.1:8123"):
        before = read_handout_list(to)
        made, count = made_at(site)
        assert count == len(made) == 2
        assert {each.path for each in before} <= {each.path for each in made}
        assert made_at(site) == (made, 0)
        for each in made:
            words = "".join(PdfReader(to / each.path).pages[0].extract_text().split())
            assert site.partition("://")[2] in words
            assert words.count("127.0.0.1:") == words.count(site.partition("://")[2])


def test_pictures_that_stop_are_told_in_one_sentence(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The help and the log each say in one sentence that pictures cannot be taken, and the count of more goes away."""

    def full(*_: object) -> None:
        raise OSError(ENOSPC, "No room on the device")

    monkeypatch.setattr(update_pictures, "update_pictures", full)
    monkeypatch.setattr(os, "sched_setscheduler", lambda *_: None)  # a busy machine would do it late
    builder = DemoHelpBuilder(folder, "http://127.0.0.1:8000", takes_pictures=True)

    def front() -> str:
        with suppress(FileNotFoundError):  # the pages are being replaced
            return (folder / "guides" / "index.html").read_text("utf-8")
        return ""

    builder.build()
    assert "se font en ce moment : 0 sur" in " ".join(front().split())
    with builder.services() as services, builder.build_and_illustrate(lambda: False):
        eventually(lambda: "pas pu être prises" in front(), "the sentence in the help")
        eventually(lambda: builder.picture_count_sentence(services) is None, "an end of counting")
    (told,) = (folder / LOG_FOLDER / LOG).read_text("utf-8").splitlines()
    assert "No room on the device" in told


@pytest.mark.parametrize(
    "refused",
    [sqlite3.OperationalError("disk is full"), shutil.Error([("a", "b", "disk is full")])],
    ids=["sql", "copy"],
)
def test_a_help_that_cannot_be_written_says_why_and_is_written_at_the_end(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], refused: Exception
) -> None:
    """The first pages that fail are told with the reason; those that fail while pictures come are written once more."""
    builder = DemoHelpBuilder(folder, "http://127.0.0.1:8000", takes_pictures=True)
    written = mock.Mock(side_effect=[refused, refused, None])
    monkeypatch.setattr(builder, "_build", written)
    builder.build()
    assert "(disk is full)" in capsys.readouterr().err

    with builder.services() as services:
        shots = picture_requests(services.flows.definitions)[:WORTH_PUBLISHING]
        taken = [Picture(shot=each, path=each.name, alt="", width=1, height=1, marks=()) for each in shots]
        taking = mock.Mock(exitcode=0)
        taking.is_alive.side_effect = [True, False]
        taking.join.side_effect = lambda _: write_manifest(folder, taken)
        builder._publish_pictures_while(taking, services, folder)
    assert written.call_count == 3
