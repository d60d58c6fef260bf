"""Runs Debian's Chromium so that a page looks the same in every run."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from playwright.sync_api import Error, Page, sync_playwright

from core.flows.picture_browser import PictureSite
from core.text.faces import guides_cli_sentences as words
from guides import HelpNotBuilt
from guides.pictures import CHROMIUM, ChromiumFailed

OPTIONS = ("--disable-gpu",)
SAME_AT_EACH_RUN = (
    "--disable-lcd-text",
    "--disable-font-subpixel-positioning",  # otherwise line heights depend on the scale of earlier pages
    "--font-render-hinting=none",
    "--enable-blink-features=ComputedAccessibilityInfo",  # lets scripts read an element's role and name in the accessibility tree
    # isolated frames would ignore the page's scale
    "--disable-features=IsolateSandboxedIframes,HttpsUpgrades,PaintHolding,RenderDocument,Translate",
    "--run-all-compositor-stages-before-draw",  # otherwise pictures may have gaps on a busy machine
)
PORTS = {"http": 80, "https": 443}


def chromium_version() -> str:
    """Return the version of Chromium. Raises HelpNotBuilt, ChromiumFailed or OSError."""
    if not Path(CHROMIUM).exists():
        raise HelpNotBuilt(words.CHROMIUM_MISSING.fill({"path": CHROMIUM}))
    ended = subprocess.run([CHROMIUM, "--version"], capture_output=True, text=True, check=False)  # noqa: S603  # a constant
    if ended.returncode:
        lines = ended.stderr.strip().splitlines() or [f"exit status {ended.returncode}"]
        raise ChromiumFailed(words.CHROMIUM_FAILED.fill({"detail": lines[-1]}))
    return ended.stdout.strip()


@contextmanager
def open_page(site: PictureSite) -> Iterator[Page]:
    """Open a page in the site's language and time zone. Raises ChromiumFailed."""
    address = urlsplit(site.address)
    host, port = address.hostname, address.port or PORTS[address.scheme]
    resolver_rule = f"--host-resolver-rules=MAP {host}:{port} 127.0.0.1:{site.port}"
    try:
        with _temporary_files_removed(), sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=CHROMIUM, args=[*OPTIONS, *SAME_AT_EACH_RUN, resolver_rule]
            )
            with browser:
                yield browser.new_page(
                    locale=site.language.value,
                    timezone_id=str(site.calendar.zone),
                    reduced_motion="reduce",
                    ignore_https_errors=True,  # the certificate is self-signed
                )
    except Error as failed:
        detail = failed.message.partition("\n")[0]
        killed = "crashed" in detail or "closed" in detail
        raise ChromiumFailed(
            words.CHROMIUM_KILLED if killed else words.CHROMIUM_FAILED.fill({"detail": detail})
        ) from failed


@contextmanager
def _temporary_files_removed() -> Iterator[None]:
    """Create a temporary folder for the block, and remove the folder afterwards."""
    former = os.environ.get("TMPDIR")
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        os.environ["TMPDIR"] = folder
        try:
            yield
        finally:
            if former is None:
                del os.environ["TMPDIR"]
            else:
                os.environ["TMPDIR"] = former
