"""Fixtures of the help: one built site and one set of handouts for all tests, one Chromium for each file."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from guides.handout_content import HandoutContent
from tests.support.chromium import launch_chromium
from tests.support.guides import handouts_in, site_in


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the built site."""
    return site_in(tmp_path_factory.mktemp("help"))


@pytest.fixture(scope="package")
def handouts(tmp_path_factory: pytest.TempPathFactory) -> list[HandoutContent]:
    """The content of the handouts."""
    return handouts_in(tmp_path_factory.mktemp("leaflets") / "pictures")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium for one file; two cannot be driven from one process."""
    with sync_playwright() as playwright:
        launched = launch_chromium(playwright)
        yield launched
        launched.close()
