"""Makes election folders as `retrouve init` does."""

import atexit
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from shutil import copytree, rmtree
from tempfile import mkdtemp
from unittest.mock import patch

from cli.init import make_election_folder
from core.adapters.random_source import SystemRandomSource
from core.app.election_folder import open_services
from tests.support.election import dependencies
from tests.support.stores import KeptStore
from tests.support.worlds import World


def made_folder(folder: Path) -> Path:
    """Make an election folder with the code of `retrouve init`."""
    make_election_folder(folder)
    return folder


def copied_folder(folder: Path) -> Path:
    """Copy an election folder that is made once per test run. All copies have the same keys."""
    return Path(copytree(_made_once(), folder))


@cache
def _made_once() -> Path:
    above = Path(mkdtemp())
    atexit.register(rmtree, above)
    # These variables are those of the first test, which may use another database.
    own = {name: value for name, value in os.environ.items() if name.startswith("RETROUVE_")}
    with patch.dict(os.environ):
        for name in own:
            del os.environ[name]
        return made_folder(above / "election")


@contextmanager
def world_in(folder: Path) -> Iterator[World]:
    """Open the election in a folder, with a clock that tests can move."""
    services = open_services(folder)
    assert services.engine is not None
    try:
        yield World(
            KeptStore(services.dependencies.store, services.engine),
            dependencies(services.dependencies.store, vault=services.dependencies.vault, entropy=SystemRandomSource()),
        )
    finally:
        services.close()
