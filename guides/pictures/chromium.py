"""The system's Chromium, which calls nobody by itself and draws the same bytes each time."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from guides.pictures.stage import Stage

CHROMIUM = "/usr/bin/chromium-headless-shell"
"""Debian's Chromium without its windows: the same pages for a third of the work."""
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
SAME_AT_EACH_RUN = (
    "--disable-lcd-text",
    "--disable-font-subpixel-positioning",  # else the height of a line depends on the scales of the pages before it
    "--font-render-hinting=none",
    "--force-color-profile=srgb",
    "--hide-scrollbars",
    "--enable-blink-features=ComputedAccessibilityInfo",  # a script may ask what a screen reader says of an element
    "--disable-features=IsolateSandboxedIframes",  # a mail in a process of its own would not follow the page's scale
)
PORTS = {"http": 80, "https": 443}
PATIENCE_MS = 10_000
"""Everything is on this machine: what takes longer does not come."""


class NoChromium(Exception):
    """It is not installed."""


def version() -> str:
    """Which one it is: a part of what decides a picture. Raises NoChromium."""
    if not Path(CHROMIUM).exists():
        raise NoChromium
    return subprocess.run([CHROMIUM, "--version"], capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603  # a constant


def chromium(playwright: Playwright, *options: str) -> Browser:
    """The browser."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=[*OPTIONS, *options])


@contextmanager
def page_at(stage: Stage) -> Iterator[Page]:
    """A page that finds the election's site where the stage serves it: its address is the one voters will read.

    It stands in the election's time zone, and nothing in it moves.
    """
    site = urlsplit(stage.site)
    host, port = site.hostname, site.port or PORTS[site.scheme]
    found = f"--host-resolver-rules=MAP {host}:{port} 127.0.0.1:{stage.port}"
    with sync_playwright() as playwright:
        browser = chromium(playwright, *SAME_AT_EACH_RUN, found)
        context = browser.new_context(
            ignore_https_errors=True,  # the stage signs for itself
            locale=stage.language.value,
            no_viewport=True,
            reduced_motion="reduce",
            timezone_id=str(stage.calendar.zone),
        )
        context.set_default_timeout(PATIENCE_MS)
        try:
            yield context.new_page()
        finally:
            browser.close()
