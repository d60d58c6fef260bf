"""The pictures of an election's help: taken where something that decides them has changed since the last time."""

from hashlib import sha256
from importlib.metadata import distributions
from importlib.resources import files
from pathlib import Path

from cli.contents import contents
from cli.rehearsal import rehearsals
from core.bootstrap import House
from guides.book import book_of
from guides.pictures.album import Tally, take
from guides.pictures.chromium import version
from guides.shots import read_manifest

OURS = ("cli", "core", "guides", "templates", "webhook")
STAMP = "taken-from"
CACHE = ".cache"


def bring_up_to_date(house: House, folder: Path) -> Tally:
    """The pictures of that election's help, and their manifest, in that folder. Raises PictureRefused, NoChromium."""
    stamp, present = folder / STAMP, _all_that_decides(house)
    if _stamped(stamp) == present:
        return Tally(len(read_manifest(folder)), 0)
    stamp.unlink(missing_ok=True)
    with rehearsals(house) as stages:
        tally = take(stages, book_of(house), folder, folder / CACHE)
    stamp.write_text(present, "utf-8")
    return tally


def are_up_to_date(house: House, folder: Path) -> bool:
    """Whether the pictures there are those of that election's help. Tells in no time where there are none."""
    stamped = _stamped(folder / STAMP)
    return stamped is not None and stamped == _all_that_decides(house)


def _stamped(stamp: Path) -> str | None:
    return stamp.read_text("utf-8") if stamp.exists() else None


def _all_that_decides(house: House) -> str:
    """A digest of this program, of what it stands on, and of the election it is for."""
    words = [version(), *sorted(f"{each.name} {each.version}" for each in distributions())]
    election = (house.policy, house.calendar, house.election, house.settings.mail.sender)
    digest = sha256("\0".join([*words, *map(repr, election)]).encode())
    for package in OURS:
        for content in contents(files(package)):
            digest.update(content)
    return digest.hexdigest()
