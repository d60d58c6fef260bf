"""The folder of an election as `retrouve init` makes it, and an election at work in it."""

import atexit
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from shutil import copytree, rmtree
from tempfile import mkdtemp

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


def copied_folder(folder: Path) -> Path:
    """A copy of one that is made once a run, its key too: most of what making one costs is its tables' migrations."""
    return Path(copytree(_made_once(), folder))


@cache
def _made_once() -> Path:
    above = Path(mkdtemp())
    atexit.register(rmtree, above)
    return made_folder(above / "election")


@contextmanager
def at_work(folder: Path) -> Iterator[World]:
    """The election of that folder, with its key and its database, under a clock that one moves by hand."""
    house = bootstrap.open_house(folder)
    assert house.engine is not None
    try:
        yield World(Kept(house.store, house.engine), tools(house.store, vault=house.vault, entropy=SystemEntropy()))
    finally:
        house.close()
