"""The pictures of an election's help, taken anew where something that decides them has changed."""

import shutil
from hashlib import sha256
from importlib.metadata import distributions
from importlib.resources import files
from pathlib import Path

from cli.read_package_files import read_package_files
from cli.screenshot_harness import screenshot_harnesses
from core.app.services import Services
from core.text.text import Language
from guides.help_source import help_source_of
from guides.picture_manifest import Theme, read_manifest
from guides.pictures.chromium_page import chromium_version
from guides.pictures.picture_folder import PictureFolder
from guides.pictures.take_all_pictures import PictureCounts, take_pictures

OURS = ("cli", "core", "guides", "templates", "webhook")
STAMP = "taken-from"
FORMER_CACHE = ".cache"
"""The folder in which versions up to 0.9 kept each picture a second time."""
SIDE_BY_SIDE = 2
"""Walks of one language at once: each waits for its browser half of the time."""


def update_pictures(services: Services, folder: Path, first: Language | None = None) -> PictureCounts:
    """Bring the pictures and their manifest in the folder up to date. Raises PictureRefused, ChromiumMissing.

    A `first` language is taken before the others, and in light colours before dark ones: what most readers see.
    """
    stamp, present = folder / STAMP, _all_that_decides(services)
    tally = PictureCounts(len(read_manifest(folder)), 0)
    if stamp.exists() and stamp.read_text("utf-8") == present:
        return tally
    stamp.unlink(missing_ok=True)
    pictures, source = PictureFolder(folder, chromium_version()), help_source_of(services)
    parts = [(tuple(Language), tuple(Theme))]
    if first is not None:
        parts = [((first,) * SIDE_BY_SIDE, (theme,)) for theme in Theme]
        parts += [((each,) * SIDE_BY_SIDE, tuple(Theme)) for each in Language if each is not first]
    for languages, themes in parts:
        with screenshot_harnesses(services, languages) as stages:
            tally = take_pictures(stages, source, pictures, themes)
    shutil.rmtree(folder / FORMER_CACHE, ignore_errors=True)
    stamp.write_text(present, "utf-8")
    return tally


def _all_that_decides(services: Services) -> str:
    """Return a digest of this program, its dependencies, and the election."""
    words = [chromium_version(), *sorted(f"{each.name} {each.version}" for each in distributions())]
    election = (
        services.dependencies.policy,
        services.dependencies.calendar,
        services.dependencies.election,
        services.settings.mail.sender,
    )
    digest = sha256("\0".join([*words, *map(repr, election)]).encode())
    for package in OURS:
        for content in read_package_files(files(package)):
            digest.update(content)
    return digest.hexdigest()
