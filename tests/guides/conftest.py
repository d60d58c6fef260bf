"""Fixtures for the tests of the help: one built site and one set of handouts for all tests, and a Chromium per file."""

from pathlib import Path

import pytest

from guides.handout_content import HandoutContent
from tests.support.chromium import running_chromium
from tests.support.guides import handouts_in, site_in


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the built site."""
    return site_in(tmp_path_factory.mktemp("help"))


@pytest.fixture(scope="package")
def handouts(tmp_path_factory: pytest.TempPathFactory) -> list[HandoutContent]:
    """Return the content of the handouts."""
    return handouts_in(tmp_path_factory.mktemp("leaflets") / "pictures")


browser = pytest.fixture(scope="module", name="browser")(running_chromium)
