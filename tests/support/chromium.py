"""The system's Chromium as the tests drive it, with Playwright."""

import os
import sys
from pathlib import Path

from playwright.sync_api import Browser, Playwright

from guides.pictures import chromium_without_netlink
from guides.pictures.chromium_page import OPTIONS


def launch_chromium(playwright: Playwright) -> Browser:
    """Start the browser, which does not see the machine's addresses change."""
    path = f"{Path(sys.executable).parent}:{os.environ.get('PATH', os.defpath)}"  # the program asks it for python3
    return playwright.chromium.launch(
        executable_path=chromium_without_netlink.__file__, args=OPTIONS, env={**os.environ, "PATH": path}
    )
