"""The site's list of files, with which a copy on any host can be checked."""

from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

import msgspec

MANIFEST = "manifest.json"
CHECKSUMS = "SHA256SUMS"
"""In the form that `sha256sum --check` reads."""


class HelpSiteManifestEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A file of the site; `path` is from its root."""

    path: str
    bytes: int
    sha256: str


class HelpSiteManifest(msgspec.Struct, frozen=True, kw_only=True):
    """The manifest of a built site: its program, its election and its files."""

    version: str
    election: str
    site: str
    """The address of the voters' site."""
    files: tuple[HelpSiteManifestEntry, ...]


def write_site_manifest(site: Path, *, election: str, address: str) -> None:
    """Write the manifest and the checksums of a site into it."""
    files = tuple(_file(path, site) for path in sorted(site.rglob("*")) if path.is_file())
    manifest = HelpSiteManifest(version=version("retrouve"), election=election, site=address, files=files)
    (site / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest), indent=1))
    listed = (*files, _file(site / MANIFEST, site))
    (site / CHECKSUMS).write_text("".join(f"{each.sha256}  {each.path}\n" for each in listed), "utf-8")


def _file(path: Path, site: Path) -> HelpSiteManifestEntry:
    content = path.read_bytes()
    return HelpSiteManifestEntry(
        path=path.relative_to(site).as_posix(), bytes=len(content), sha256=sha256(content).hexdigest()
    )
