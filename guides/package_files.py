from collections.abc import Iterator
from importlib.resources.abc import Traversable


def read_package_files(place: Traversable) -> Iterator[bytes]:
    """Yield all file names and contents of a folder, in a fixed order."""
    if place.is_file():
        yield place.name.encode()
        yield place.read_bytes()
        return
    for each in sorted(place.iterdir(), key=lambda each: each.name):
        if each.name != "__pycache__":
            yield from read_package_files(each)
