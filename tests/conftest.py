"""Fixtures for most tests, such as stores and elections, and the order in which tests run."""

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
# With `--hypothesis-profile fresh`, the tests draw other examples in each run.
settings.load_profile("repeatable")


MEMORY = Path("/dev/shm")  # noqa: S108  # pytest makes its own folder in it, as in /tmp
ROOM = 4 << 30
"""Minimum number of free bytes for temporary files in memory. A test run uses much less."""


def pytest_configure(config: pytest.Config) -> None:
    """Keep temporary files in one folder, in memory if there is room, and stop terminals from remembering settings.

    The folder is removed at the end, with what killed processes have left. Only files of failed tests are kept.
    Files in memory save a fifth of the time of a test run. Terminals draw less often than usual, which saves an eighth
    of the time of their tests.
    """
    os.environ["XDG_STATE_HOME"] = os.devnull
    os.environ["TEXTUAL_FPS"] = "15"
    if hasattr(config, "workerinput"):  # a worker of xdist uses the folder of the process that started it
        return
    if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
        tempfile.tempdir = str(MEMORY)
    os.environ["PYTEST_DEBUG_TEMPROOT"] = tempfile.gettempdir()  # for the files of failed tests
    folder = tempfile.mkdtemp(prefix="retrouve-tests-")
    Path(folder).chmod(0o1777)  # some tests run servers under other accounts
    os.environ["TMPDIR"] = tempfile.tempdir = folder
    _remove_after_exit(folder)


def _remove_after_exit(folder: str) -> None:
    """Start a process that removes a folder when this process has ended, even if it is killed.

    At exit, multiprocessing removes folders of its own, which must still be there.
    """
    waits_on, _kept_open = os.pipe()
    os.posix_spawn(
        "/bin/sh",
        ["sh", "-c", 'cat; rm -rf "$0"', folder],
        os.environ,
        file_actions=[(os.POSIX_SPAWN_DUP2, waits_on, 0)],
        setsid=True,
    )
    os.close(waits_on)


collect_ignore = ["conformance"]  # `python -m tests.conformance` runs these cases against a running product


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that replaces the stored snapshots of the terminal."""
    parser.addoption("--redraw", action="store_true", help="store the terminal's present screens as the new snapshots")


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
"""The longest tests. They start first, so that at the end no process works alone."""
TOGETHER = {"e2e", "product", "guides"}
"""Folders whose tests all run in one process, which starts their product, site or Chromium only once."""


def _start(nodeid: str) -> str | None:
    within = nodeid.removeprefix("tests/")
    return next((start for start in LONGEST if within.startswith(start)), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start the longest tests first, and keep the tests of a file together."""
    places = {start: place for place, start in enumerate((*LONGEST, None))}
    items.sort(key=lambda item: places[_start(item.nodeid)])


class _ByFile(LoadFileScheduling):
    """Gives all tests of a file to one process. The tests of each folder in `TOGETHER` also go to one process."""

    def _split_scope(self, nodeid: str) -> str:
        start = _start(nodeid)
        return start if start in TOGETHER else super()._split_scope(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling | None:
    """Return the scheduler that assigns test files to processes."""
    return _ByFile(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_collectstart() -> None:
    """Switch garbage collection off while tests are collected, because it would search many objects and find little."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Exclude the collected tests from garbage collection, which saves an eighth of the time."""
    gc.freeze()
    gc.set_threshold(50_000)
    gc.enable()


@pytest.fixture(params=STORES)
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[KeptStore]:
    """Yield an empty store of each kind, with its engine."""
    with STORES[request.param](tmp_path) as found:
        yield found


@pytest.fixture
def store(kept: KeptStore) -> Store:
    """Return an empty store of each kind."""
    return kept.store


@pytest.fixture
def sql_kept(tmp_path: Path) -> Iterator[KeptStore]:
    """Yield an empty store on SQLite, with its engine."""
    with STORES["sqlite"](tmp_path) as found:
        yield found


@pytest.fixture(name="world")
def world_on_sqlite(sql_kept: KeptStore) -> World:
    """Return an election on SQLite. Its roll is empty."""
    return world(sql_kept)


@pytest.fixture
def any_world(kept: KeptStore) -> World:
    """Return an election on each kind of store. Its roll is empty."""
    return world(kept)


@pytest.fixture(scope="session", autouse=True)
def _passwords_estimated_once() -> Iterator[None]:
    """Estimate the strength of each password only once in a test run."""
    estimate = cache(password_rules.log10_guesses)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(password_rules, "log10_guesses", lambda password, about: estimate(password, tuple(about)))
        yield


@pytest.fixture
def logged() -> Iterator[list[MutableMapping[str, Any]]]:
    """Yield the values of each log line. Nothing is written to a log."""
    with collected_lines() as lines:
        yield lines
