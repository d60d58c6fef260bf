"""The system's Chromium, configured to contact nobody and to draw the same bytes each time."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from guides.pictures import ChromiumEnded
from guides.pictures.chromium_page import ChromiumPage, launch_page
from guides.pictures.chromium_without_netlink import CHROMIUM
from guides.pictures.sandboxed_site_interface import SandboxedSite

OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-back-forward-cache",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-field-trial-config",
    "--mute-audio",
    "--password-store=basic",
)
SAME_AT_EACH_RUN = (
    "--disable-lcd-text",
    "--disable-font-subpixel-positioning",  # else the height of a line depends on the scales of the pages before it
    "--font-render-hinting=none",
    "--force-color-profile=srgb",
    "--hide-scrollbars",
    "--enable-blink-features=ComputedAccessibilityInfo",  # a script may ask what a screen reader says of an element
    # a mail in a process of its own would not follow the page's scale; a new frame for each page costs a quarter of its time
    "--disable-features=IsolateSandboxedIframes,RenderDocument",
    "--enable-features=NetworkServiceInProcess2",
    "--in-process-gpu",
)
PORTS = {"http": 80, "https": 443}


class ChromiumMissing(Exception):
    """Chromium is not installed."""


def chromium_version() -> str:
    """Return its version, on which pictures depend. Raises ChromiumMissing, ChromiumEnded, OSError."""
    if not Path(CHROMIUM).exists():
        raise ChromiumMissing
    told = subprocess.run([CHROMIUM, "--version"], capture_output=True, text=True, check=False)  # noqa: S603  # a constant
    if told.returncode:
        raise ChromiumEnded.of_process(told.returncode, told.stderr)
    return told.stdout.strip()


@contextmanager
def open_page(sandbox: SandboxedSite) -> Iterator[ChromiumPage]:
    """A page that finds the election's site where the sandbox serves it: its address is the one voters will read.

    It stands in the election's time zone, and nothing in it moves.
    """
    site = urlsplit(sandbox.site)
    host, port = site.hostname, site.port or PORTS[site.scheme]
    found = f"--host-resolver-rules=MAP {host}:{port} 127.0.0.1:{sandbox.port}"
    with launch_page((*OPTIONS, *SAME_AT_EACH_RUN, found)) as page:
        page.send("Security.setIgnoreCertificateErrors", ignore=True)  # the sandbox signs for itself
        page.send("Emulation.setLocaleOverride", locale=sandbox.language.value)
        page.send("Emulation.setTimezoneOverride", timezoneId=str(sandbox.calendar.zone))
        yield page
