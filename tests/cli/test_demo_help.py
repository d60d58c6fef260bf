"""The help of a demo prints the address at which this demo serves."""

from pathlib import Path

import pytest
from pypdf import PdfReader

from cli.demo_help_builder import DemoHelpBuilder
from cli.init import make_election_folder
from cli.update_handouts import update_handouts
from guides.handout_files import Handout, read_handout_list
from guides.help_source import help_source_of
from guides.poster_content import posters
from tests.support.guides import EDITION


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
