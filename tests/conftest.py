"""What most tests begin with: a store of each kind, or an election at work over one."""

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import settings
from sqlalchemy import Dialect
from structlog.testing import capture_logs
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from core.adapters.sql import bulk, prepared
from core.adapters.sql.prepared import Plan, Statement
from core.ports import Store
from tests.support.stores import STORES, Kept
from tests.support.worlds import World, world

settings.register_profile("untimed", deadline=None)  # a busy machine is no defect; the bench compares time
settings.load_profile("untimed")


MEMORY = Path("/dev/shm")  # noqa: S108  # a folder of its own is made in it, as in /tmp
ROOM = 4 << 30
"""Bytes: what a run leaves at most, several times."""


def pytest_configure() -> None:
    """Files that outlive no test are kept in memory where there is room: a disk's journal is a fifth of the suite's work."""
    if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The one thing of this suite that is asked for by hand."""
    parser.addoption("--redraw", action="store_true", help="keep the terminal's screens as they are drawn now")


LONGEST = (
    "faults/test_kills.py",
    "e2e",
    "conformance/test_stopping_and_failing.py",
    "conformance/test_wheel.py",
    "conformance/test_sms.py",
    "conformance/test_bounce_pipe.py",
    "conformance/test_sending.py",
    "conformance",
    "faults",
    "cli/test_move.py",
    "guides/pictures",
    "guides",
    "tui",
    "test_readme.py",
    "core/test_machines.py",
    "test_faces.py",
    "webhook/test_drawing.py",
    "core/test_settings.py",
)
"""What takes longest, first: beside it there is room for the rest, after it one processor would wait."""
TOGETHER = {"e2e", "conformance", "guides"}
"""Of these, all files go to one process: it begins their product, their site or their Chromium once."""


def _start(nodeid: str) -> str | None:
    within = nodeid.removeprefix("tests/")
    return next((start for start in LONGEST if within.startswith(start)), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begins with the longest. Files stay whole."""
    places = {start: place for place, start in enumerate((*LONGEST, None))}
    items.sort(key=lambda item: places[_start(item.nodeid)])


class _ByFile(LoadFileScheduling):
    """Each file is one process's, and what goes together is."""

    def _split_scope(self, nodeid: str) -> str:
        start = _start(nodeid)
        return start if start in TOGETHER else super()._split_scope(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling | None:
    """Who runs what, where files are dealt out."""
    return _ByFile(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_collectstart() -> None:
    """While tests are collected there is little garbage, and ever more to look through for it."""
    gc.disable()


def pytest_collection_finish() -> None:
    """The garbage collector need not look at the suite itself again and again: an eighth of the work."""
    gc.freeze()
    gc.set_threshold(50_000)
    gc.enable()


@pytest.fixture(params=STORES)
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kept]:
    """An empty store of each kind, with the engine under it."""
    with STORES[request.param](tmp_path) as found:
        yield found


@pytest.fixture
def store(kept: Kept) -> Store:
    """An empty store of each kind."""
    return kept.store


@pytest.fixture
def sql_kept(tmp_path: Path) -> Iterator[Kept]:
    """An empty store on SQLite."""
    with STORES["sqlite"](tmp_path) as found:
        yield found


@pytest.fixture(name="world")
def world_in_memory(tmp_path: Path) -> Iterator[World]:
    """An election at work in memory, with nobody on its roll."""
    with STORES["memory"](tmp_path) as found:
        yield world(found)


@pytest.fixture
def sql_world(sql_kept: Kept) -> World:
    """An election at work on SQLite, with nobody on its roll."""
    return world(sql_kept)


@pytest.fixture
def any_world(kept: Kept) -> World:
    """An election at work over each kind of store."""
    return world(kept)


@pytest.fixture(scope="session", autouse=True)
def _loggers_look_again() -> Iterator[None]:
    """A command run in this process sets logging up for good, and a logger that kept that would hide its lines from `logged`."""
    for_good = structlog.configure

    def configure(**options: Any) -> None:  # noqa: ANN401  # structlog's own
        for_good(**{**options, "cache_logger_on_first_use": False})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(structlog, "configure", configure)
        yield


@pytest.fixture(scope="session", autouse=True)
def _statements_written_once() -> Iterator[None]:
    """For all engines of a kind: each test opens its own, and writing the same statements anew was an eighth of the work."""
    firsts: dict[tuple[type[Dialect], str], Dialect] = {}
    plan_of = prepared.plan_of

    def plan(statement: Statement, dialect: Dialect, names: tuple[str, ...]) -> Plan:
        return plan_of(statement, firsts.setdefault((type(dialect), dialect.paramstyle), dialect), names)

    with pytest.MonkeyPatch.context() as patch:
        for module in (prepared, bulk):
            patch.setattr(module, "plan_of", plan)
        yield


@pytest.fixture
def logged() -> Iterator[list[MutableMapping[str, Any]]]:
    """The lines of the log, as values: nothing is written."""
    with capture_logs() as lines:
        yield lines
