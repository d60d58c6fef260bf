"""Fingerprints of the site's files in the addresses of its pages, so that a browser may keep a file for good.

They stand after a question mark: the files keep their names, so an address of before never leads nowhere, and any host serves it.
"""

import re
from functools import cache
from pathlib import Path

from core.policy.urls import FINGERPRINT, help_file_fingerprint

ADDRESS = re.compile(
    r'(?P<name> (?:href|src|srcset|data-index|data-script)=")(?P<path>[^":?#]+\.(?:css|js|svg|webp))(?=")'
)


def add_fingerprints(site: Path) -> None:
    """Add the fingerprint of each style, script and picture to its addresses in every page."""

    @cache
    def of_file(path: Path) -> str:
        return help_file_fingerprint(path.read_bytes())

    for page in site.rglob("*.html"):

        def versioned(address: re.Match[str], page: Path = page) -> str:
            return f"{address[0]}?{FINGERPRINT}={of_file((page.parent / address['path']).resolve())}"

        page.write_text(ADDRESS.sub(versioned, page.read_text("utf-8")), "utf-8")
