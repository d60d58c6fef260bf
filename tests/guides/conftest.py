"""One built site and one set of leaflets for all the tests of the help, one Chromium a file."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from guides.leaflets import Leaflet
from guides.pictures.chromium import chromium
from tests.support.guides import leaflets_in, site_in


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the site."""
    return site_in(tmp_path_factory.mktemp("help"))


@pytest.fixture(scope="package")
def leaflets(tmp_path_factory: pytest.TempPathFactory) -> list[Leaflet]:
    """What the handouts are made of."""
    return leaflets_in(tmp_path_factory.mktemp("leaflets") / "pictures")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, closed with each file: two at a time cannot be driven from one process."""
    with sync_playwright() as playwright:
        launched = chromium(playwright)
        yield launched
        launched.close()
