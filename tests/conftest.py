"""Fixtures of most tests: a store of each kind, and an election on it; and the order in which tests run."""

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator, MutableMapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from core.adapters.logs import collected_lines
from core.flows import password_rules
from core.ports import Store
from tests.support.stores import STORES, KeptStore
from tests.support.worlds import World, world

settings.register_profile("fresh", deadline=None)  # a busy machine is no error; the benchmark measures time
settings.register_profile("repeatable", settings.get_profile("fresh"), derandomize=True, max_examples=50)
settings.load_profile(
    "repeatable"
)  # `--hypothesis-profile fresh` draws other examples, to look for what these do not show


MEMORY = Path("/dev/shm")  # noqa: S108  # pytest makes its own folder in it, as in /tmp
ROOM = 4 << 30
"""A multiple of the bytes that a run leaves in files."""


def pytest_configure() -> None:
    """Keep temporary files in memory where there is room, which saves a fifth of the suite's time; let terminals remember nothing.

    Terminals that draw less often save an eighth of the time of their tests, which look at what would be drawn then.
    """
    os.environ["XDG_STATE_HOME"] = os.devnull
    os.environ["TEXTUAL_FPS"] = "15"
    if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


collect_ignore = ["conformance"]  # its cases are played by `python -m tests.conformance`, against a running product


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that accepts the terminal's screens as they are drawn now."""
    parser.addoption("--redraw", action="store_true", help="keep the terminal's screens as they are drawn now")


LONGEST = (
    "drill",
    "faults/test_kills.py",
    "e2e",
    "product/test_conformance.py",
    "product/test_attack.py",
    "product/test_stopping_and_failing.py",
    "product/test_wheel.py",
    "product/test_sms.py",
    "product/test_bounce_pipe.py",
    "product/test_sending.py",
    "product",
    "faults",
    "cli/test_move_database.py",
    "guides/pictures",
    "guides",
    "tui",
    "test_readme.py",
    "core/flows/test_registry_state_machines.py",
    "test_faces.py",
    "webhook/test_step_rendering_in_a_browser.py",
    "core/app/settings/test_settings.py",
)
"""The longest tests, which start first, so that no process works alone at the end."""
TOGETHER = {"e2e", "product", "guides"}
"""The folders whose files all go to one process, which starts their product, site or Chromium once."""


def _start(nodeid: str) -> str | None:
    within = nodeid.removeprefix("tests/")
    return next((start for start in LONGEST if within.startswith(start)), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start the longest tests first and keep files together."""
    places = {start: place for place, start in enumerate((*LONGEST, None))}
    items.sort(key=lambda item: places[_start(item.nodeid)])


class _ByFile(LoadFileScheduling):
    """Gives each file, and each group of `TOGETHER`, to one process."""

    def _split_scope(self, nodeid: str) -> str:
        start = _start(nodeid)
        return start if start in TOGETHER else super()._split_scope(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling | None:
    """Return the scheduler that assigns files to processes."""
    return _ByFile(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_collectstart() -> None:
    """Stop the garbage collector during collection, which leaves little garbage and many objects to search."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Exclude the collected suite from garbage collection, which saves an eighth of the time."""
    gc.freeze()
    gc.set_threshold(50_000)
    gc.enable()


@pytest.fixture(params=STORES)
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[KeptStore]:
    """An empty store of each kind, with the engine under it."""
    with STORES[request.param](tmp_path) as found:
        yield found


@pytest.fixture
def store(kept: KeptStore) -> Store:
    """An empty store of each kind."""
    return kept.store


@pytest.fixture
def sql_kept(tmp_path: Path) -> Iterator[KeptStore]:
    """An empty store on SQLite."""
    with STORES["sqlite"](tmp_path) as found:
        yield found


@pytest.fixture(name="world")
def world_on_sqlite(sql_kept: KeptStore) -> World:
    """An election on SQLite with an empty roll."""
    return world(sql_kept)


@pytest.fixture
def any_world(kept: KeptStore) -> World:
    """An election on each kind of store."""
    return world(kept)


@pytest.fixture(scope="session", autouse=True)
def _passwords_estimated_once() -> Iterator[None]:
    """Estimate each password of the tests once for all who choose it."""
    estimate = cache(password_rules.log10_guesses)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(password_rules, "log10_guesses", lambda password, about: estimate(password, tuple(about)))
        yield


@pytest.fixture
def logged() -> Iterator[list[MutableMapping[str, Any]]]:
    """The values of each log line, which is not written anywhere."""
    with collected_lines() as lines:
        yield lines
