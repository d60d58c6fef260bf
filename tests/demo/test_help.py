"""The help of a demo shows the demo's address and its pictures, and says why pictures are missing."""

import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from errno import ENOSPC
from pathlib import Path

import pytest
from pypdf import PdfReader

from cli.init import make_election_folder
from core.app.services import Services
from core.text.text import Language
from demo import help as demo_help
from demo.folder import LOG_FOLDER
from demo.help import LOG, WORTH_PUBLISHING, DemoHelp, HelpWork, UpdatePictures, services_at
from guides.handout_content import posters
from guides.handout_files import Handout, read_handout_list
from guides.handouts import update_handouts
from guides.help_source import help_source_of
from guides.picture_manifest import Picture, picture_requests, write_manifest
from tests.support.guides import EDITION
from tests.support.product import eventually

SITE = "http://127.0.0.1:8000"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_election_folder(tmp_path / "demo")
    return tmp_path / "demo"


def test_a_demo_at_another_port_prints_its_own_address(folder: Path) -> None:
    """If the port has changed, handouts with the address are made again. Until then, pages link to the old ones."""
    to = folder / "guides.handouts"

    def made_at(site: str) -> tuple[tuple[Handout, ...], int]:
        with services_at(folder, site) as services:
            return update_handouts(posters(help_source_of(services), EDITION), to)

    for site in (SITE, "http://127.0.0.1:8123"):
        before = read_handout_list(to)
        made, count = made_at(site)
        assert count == len(made) == 2
        assert {each.path for each in before} <= {each.path for each in made}
        assert made_at(site) == (made, 0)
        for each in made:
            words = "".join(PdfReader(to / each.path).pages[0].extract_text().split())
            assert site.partition("://")[2] in words
            assert words.count("127.0.0.1:") == words.count(site.partition("://")[2])


def no_room(*_: object) -> None:
    raise OSError(ENOSPC, "No room on the device")


def take_few(services: Services, folder: Path, _first: Language, published: Callable[[], None]) -> None:
    """Take the smallest number of pictures that is published, and then continue without end."""
    shots = picture_requests(services.flows.definitions)[:WORTH_PUBLISHING]
    write_manifest(folder, [Picture(shot=each, path=each.name, alt="", width=1, height=1, marks=()) for each in shots])
    for each in shots:
        (folder / each.name).touch()
    published()
    time.sleep(600)


@contextmanager
def running_help(folder: Path, update_pictures: UpdatePictures) -> Iterator[tuple[DemoHelp, Callable[[], str]]]:
    """Run the help of a demo with a given function that takes pictures.

    Yields the help, and a function that returns its front page.
    """

    def front() -> str:
        with suppress(FileNotFoundError):  # the pages are being replaced
            return " ".join((folder / "guides" / "index.html").read_text("utf-8").split())
        return ""

    made = DemoHelp(folder, SITE, Language.FRENCH, update_pictures)
    with made.run(lambda: False):
        yield made, front


def test_pictures_are_shown_as_they_come(folder: Path) -> None:
    """The front page says how many pictures there are, and is built again when there are enough new ones."""
    with running_help(folder, take_few) as (made, front), services_at(folder, SITE) as services:
        assert "se font en ce moment" in front()
        eventually(lambda: f"{WORTH_PUBLISHING} sur" in front(), "the count of pictures in the help")
        assert made.picture_count_sentence(services) is not None
    assert made.picture_count_sentence(services) is None


def test_pictures_that_stop_are_told_in_one_sentence(folder: Path) -> None:
    """If pictures cannot be taken, the help and the log say so, and the number of pictures disappears."""
    with running_help(folder, no_room) as (made, front), services_at(folder, SITE) as services:
        eventually(lambda: "pas pu être prises" in front(), "the sentence in the help")
        eventually(lambda: made.picture_count_sentence(services) is None, "an end of counting")
    (told,) = (folder / LOG_FOLDER / LOG).read_text("utf-8").splitlines()
    assert "No room on the device" in told


@pytest.mark.parametrize(
    "refused",
    [sqlite3.OperationalError("disk is full"), shutil.Error([("a", "b", "disk is full")])],
    ids=["sql", "copy"],
)
def test_a_help_that_cannot_be_written_says_why(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], refused: Exception
) -> None:
    """If the pages cannot be written, the reason is printed."""

    def fail(*_: object) -> None:
        raise refused

    monkeypatch.setattr(demo_help, "build_help", fail)
    with services_at(folder, SITE) as services:
        HelpWork(folder, SITE, Language.FRENCH, None).build(services)
    assert "(disk is full)" in capsys.readouterr().err
