"""Starts Debian's Chromium with Playwright."""

from collections.abc import Iterator

from playwright.sync_api import Browser, Playwright, sync_playwright

from guides.pictures import CHROMIUM
from guides.pictures.chromium import OPTIONS


def launch_chromium(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)


def running_chromium() -> Iterator[Browser]:
    """The function of a fixture that yields a running Chromium. One process cannot control two of them."""
    with sync_playwright() as playwright:
        launched = launch_chromium(playwright)
        yield launched
        launched.close()
