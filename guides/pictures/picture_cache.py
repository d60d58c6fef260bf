"""A cache of pictures by the digest of all that decides them, so that an unchanged page is not taken again."""

from collections.abc import Iterable
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

import msgspec
from PIL import __version__ as pillow

OURS = ("callouts.py", "camera.py", "image_encoding.py", "alt_text.py", "locate_elements.py")
"""The code that turns a page into a picture; what decides the page itself is in the page."""


class CachedPictureMetadata(msgspec.Struct, frozen=True, kw_only=True):
    """A picture's facts that are stored beside its bytes."""

    alt: str
    width: int
    height: int
    marks: tuple[tuple[int, str], ...]


class PictureCache:
    """A folder of pictures. Pictures that a run has not used are deleted at its end."""

    def __init__(self, folder: Path, browser: str) -> None:
        self._folder = folder
        self._surroundings = _digest([browser, pillow, *map(_written, OURS), *_statics()])
        self._used: set[str] = set()
        folder.mkdir(parents=True, exist_ok=True)

    def key(self, *decides: str) -> str:
        """Return the key of a picture from all that decides it."""
        return _digest([self._surroundings, *decides])

    def find(self, key: str) -> tuple[CachedPictureMetadata, bytes] | None:
        """Return the picture of a key, if it is stored."""
        self._used.add(key)
        about, picture = self._folder / f"{key}.json", self._folder / f"{key}.webp"
        if not about.exists() or not picture.exists():
            return None
        try:
            return msgspec.json.decode(about.read_bytes(), type=CachedPictureMetadata), picture.read_bytes()
        except msgspec.DecodeError:  # a run was killed while it wrote
            return None

    def keep(self, key: str, facts: CachedPictureMetadata, picture: bytes) -> None:
        """Store a picture for the next run; its description is written last."""
        (self._folder / f"{key}.webp").write_bytes(picture)
        (self._folder / f"{key}.json").write_bytes(msgspec.json.encode(facts))

    def forget_unused(self) -> None:
        """Delete the pictures that this run has not used."""
        for path in self._folder.iterdir():
            if path.stem not in self._used:
                path.unlink()


def _digest(parts: Iterable[str]) -> str:
    return sha256("\0".join(parts).encode()).hexdigest()[:32]


def _written(name: str) -> str:
    return (files("guides") / "pictures" / name).read_text("utf-8")


def _statics() -> list[str]:
    """Yield the stylesheets and images of the pages, since a page holds only their addresses."""
    static = files("templates") / "static"
    return [each.read_text("utf-8") for each in sorted(static.iterdir(), key=lambda each: each.name)]
