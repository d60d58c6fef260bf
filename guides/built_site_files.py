"""Adds digests to URLs in the help, and writes a list of all help files."""

import re
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import msgspec

from core.text.urls import FINGERPRINT, help_file_fingerprint

ADDRESS = re.compile(
    r'(?P<name> (?:href|src|srcset|data-index|data-script)=")(?P<path>[^":?#]+\.(?:css|js|svg|webp))(?=")'
)
MANIFEST = "manifest.json"
"""Name of the JSON file that lists the size and digest of each help file."""
CHECKSUMS = "SHA256SUMS"
"""Name of the file that `sha256sum --check` reads to verify the help."""


def add_fingerprints(site: Path) -> None:
    """Add a digest to the URLs of style sheets, scripts and pictures."""

    @cache
    def of_file(path: Path) -> str:
        return help_file_fingerprint(path.read_bytes())

    for page in site.rglob("*.html"):

        def versioned(address: re.Match[str], page: Path = page) -> str:
            return f"{address[0]}?{FINGERPRINT}={of_file((page.parent / address['path']).resolve())}"

        page.write_text(ADDRESS.sub(versioned, page.read_text("utf-8")), "utf-8")


def write_site_manifest(site: Path, *, election: str, address: str) -> None:
    files = [path.relative_to(site).as_posix() for path in sorted(site.rglob("*")) if path.is_file()]
    digests = {name: sha256((site / name).read_bytes()).hexdigest() for name in files}
    listed = [{"path": name, "bytes": (site / name).stat().st_size, "sha256": digests[name]} for name in files]
    manifest = {"version": version("retrouve"), "election": election, "site": address, "files": listed}
    written = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
    (site / MANIFEST).write_bytes(written)
    digests[MANIFEST] = sha256(written).hexdigest()
    (site / CHECKSUMS).write_text("".join(f"{digest}  {name}\n" for name, digest in digests.items()), "utf-8")
