"""Starts Debian's Chromium with Playwright."""

from playwright.sync_api import Browser, Playwright

from guides.pictures import CHROMIUM
from guides.pictures.chromium import OPTIONS


def launch_chromium(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
