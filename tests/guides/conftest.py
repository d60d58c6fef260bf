"""One built site for all the tests of the help, one Chromium a file."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from guides.pictures.chromium import chromium
from tests.support.guides import site_in


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the site."""
    return site_in(tmp_path_factory.mktemp("help"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, closed with each file: two at a time cannot be driven from one process."""
    with sync_playwright() as playwright:
        launched = chromium(playwright)
        yield launched
        launched.close()
