"""Everything that stands in a place of this program, in an order that does not depend on the disk."""

from collections.abc import Iterator
from importlib.resources.abc import Traversable


def contents(place: Traversable) -> Iterator[bytes]:
    """The name and the bytes of each file, folders within too; what Python compiled is left out."""
    if place.is_file():
        yield place.name.encode()
        yield place.read_bytes()
        return
    for each in sorted(place.iterdir(), key=lambda each: each.name):
        if each.name != "__pycache__":
            yield from contents(each)
