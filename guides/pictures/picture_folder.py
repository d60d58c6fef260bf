"""Stores the pictures for the help, so that unchanged pages are not photographed again."""

from collections.abc import Collection
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from msgspec import structs
from PIL import __version__ as pillow

from guides.picture_manifest import Picture, PictureRequest, read_manifest, write_manifest

PHOTOGRAPHY_CODE = (
    "callouts.py",
    "camera.py",
    "locate_elements.py",
    "photographer.py",
)
"""Source files that affect all pictures."""


class PictureFolder:
    """The pictures in a folder. `browser` is the version of Chromium."""

    def __init__(self, path: Path, browser: str) -> None:
        path.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._pictures = dict(read_manifest(path))
        package, static = files("guides") / "pictures", files("templates") / "static"
        # A page contains only the URLs of the static files, so their content is added to the digest here.
        static_files = sorted(static.iterdir(), key=lambda each: each.name)
        code = [each.read_text("utf-8") for each in (*map(package.joinpath, PHOTOGRAPHY_CODE), *static_files)]
        self._surroundings = _digest(browser, pillow, *code)

    def key(self, *decides: str) -> str:
        """Return a digest of everything that affects a picture."""
        return _digest(self._surroundings, *decides)

    def find(self, shot: PictureRequest, key: str) -> Picture | None:
        """Return the picture, or None if it is missing or out of date."""
        picture = self._pictures.get(shot)
        try:
            if picture is None or picture.proof != _proof(key, (self._path / picture.path).read_bytes()):
                return None
        except FileNotFoundError:
            return None
        return picture

    def keep(self, picture: Picture, key: str, content: bytes) -> Picture:
        """Write a picture file atomically. Returns the picture with its `proof`."""
        fresh = self._path / f"{picture.path}.new"
        fresh.write_bytes(content)
        fresh.replace(self._path / picture.path)
        kept = self._pictures[picture.shot] = structs.replace(picture, proof=_proof(key, content))
        return kept

    def write_manifest(self, wanted: Collection[PictureRequest]) -> None:
        """Write the manifest, which lists the wanted pictures that exist."""
        write_manifest(self._path, [each for each in list(self._pictures.values()) if each.shot in wanted])


def _digest(*parts: str) -> str:
    return sha256("\0".join(parts).encode()).hexdigest()[:32]


def _proof(key: str, content: bytes) -> str:
    return sha256(key.encode() + content).hexdigest()[:32]
