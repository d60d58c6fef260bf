"""The folder of an election as `retrouve init` makes it, and an election at work in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cli.init import make_folder
from core import bootstrap
from core.adapters.entropy import SystemEntropy
from tests.support.election import tools
from tests.support.stores import Kept
from tests.support.worlds import World


def made_folder(folder: Path) -> Path:
    """A new one."""
    make_folder(folder)
    return folder


@contextmanager
def at_work(folder: Path) -> Iterator[World]:
    """The election of that folder, with its key and its database, under a clock that one moves by hand."""
    house = bootstrap.open_house(folder)
    assert house.engine is not None
    try:
        yield World(Kept(house.store, house.engine), tools(house.store, vault=house.vault, entropy=SystemEntropy()))
    finally:
        house.close()
