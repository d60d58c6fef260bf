"""Updates the pictures in the help if the program or the election has changed."""

from collections.abc import Callable
from hashlib import sha256
from importlib.metadata import distributions
from importlib.resources import files
from pathlib import Path

from cli.picture_site import picture_site
from core.app.services import Services
from core.text.text import Language
from guides.help_source import help_source_of
from guides.package_files import read_package_files
from guides.picture_manifest import Theme, read_manifest
from guides.pictures.chromium import chromium_version
from guides.pictures.picture_folder import PictureFolder
from guides.pictures.taking import PictureCounts, take_pictures

PACKAGES = ("cli", "core", "demo", "guides", "templates", "webhook")
STAMP = "taken-from"


def update_pictures(
    services: Services, folder: Path, first: Language | None = None, published: Callable[[], None] = lambda: None
) -> PictureCounts:
    """Update the pictures, beginning with those in the language `first`. Raises PictureRefused, HelpNotBuilt."""
    stamp, present = folder / STAMP, _digest_of_inputs(services)
    if stamp.exists() and stamp.read_text("utf-8") == present:
        return PictureCounts(len(read_manifest(folder)), 0)
    stamp.unlink(missing_ok=True)
    pictures, source = PictureFolder(folder, chromium_version()), help_source_of(services)
    parts = [(each, tuple(Theme)) for each in Language if each is not first]
    if first is not None:
        parts = [*((first, (theme,)) for theme in Theme), *parts]
    taken = 0
    for language, themes in parts:
        with picture_site(services, language) as site:
            taken += take_pictures(site, source, pictures, themes, published).taken
    stamp.write_text(present, "utf-8")
    return PictureCounts(len(read_manifest(folder)), taken)


def _digest_of_inputs(services: Services) -> str:
    """Return a digest of everything that the pictures depend on."""
    words = [chromium_version(), *sorted(f"{each.name} {each.version}" for each in distributions())]
    election = (
        services.dependencies.policy,
        services.dependencies.calendar,
        services.dependencies.election,
        services.settings.mail.sender,
    )
    digest = sha256("\0".join([*words, *map(repr, election)]).encode())
    for package in PACKAGES:
        for content in read_package_files(files(package)):
            digest.update(content)
    return digest.hexdigest()
