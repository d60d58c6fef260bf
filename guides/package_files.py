from collections.abc import Iterator
from importlib.resources.abc import Traversable


def read_package_files(place: Traversable) -> Iterator[bytes]:
    """Yield the name and content of each file in a folder and its subfolders. The order is always the same."""
    if place.is_file():
        yield place.name.encode()
        yield place.read_bytes()
        return
    for each in sorted(place.iterdir(), key=lambda each: each.name):
        if each.name != "__pycache__":
            yield from read_package_files(each)
