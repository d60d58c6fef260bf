"""Pictures taken before, by the digest of all that decides them: a page that has not changed is not taken again."""

from collections.abc import Iterable
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

import msgspec
from PIL import __version__ as pillow

OURS = ("callouts.py", "camera.py", "darkroom.py", "alt.py", "pointing.py")
"""What decides how a page becomes a picture; what decides the page is in the page."""


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a picture besides its bytes."""

    alt: str
    width: int
    height: int
    marks: tuple[tuple[int, str], ...]


class Cache:
    """A folder of them. What this run has not used is thrown away at its end."""

    def __init__(self, folder: Path, browser: str) -> None:
        self._folder = folder
        self._surroundings = _digest([browser, pillow, *map(_written, OURS), *_statics()])
        self._used: set[str] = set()
        folder.mkdir(parents=True, exist_ok=True)

    def key(self, *decides: str) -> str:
        """Of a picture that all this decides, in these surroundings."""
        return _digest([self._surroundings, *decides])

    def find(self, key: str) -> tuple[Kept, bytes] | None:
        """The picture of that key."""
        self._used.add(key)
        about, picture = self._folder / f"{key}.json", self._folder / f"{key}.webp"
        if not about.exists() or not picture.exists():
            return None
        return msgspec.json.decode(about.read_bytes(), type=Kept), picture.read_bytes()

    def keep(self, key: str, kept: Kept, picture: bytes) -> None:
        """For the next run; what tells of it is written last."""
        (self._folder / f"{key}.webp").write_bytes(picture)
        (self._folder / f"{key}.json").write_bytes(msgspec.json.encode(kept))

    def forget_unused(self) -> None:
        """Throws away what no page of this run looks like."""
        for path in self._folder.iterdir():
            if path.stem not in self._used:
                path.unlink()


def _digest(parts: Iterable[str]) -> str:
    return sha256("\0".join(parts).encode()).hexdigest()[:32]


def _written(name: str) -> str:
    return (files("guides") / "pictures" / name).read_text("utf-8")


def _statics() -> list[str]:
    """The stylesheets and drawings of the pages, whose addresses alone stand in the page."""
    static = files("templates") / "static"
    return [each.read_text("utf-8") for each in sorted(static.iterdir(), key=lambda each: each.name)]
