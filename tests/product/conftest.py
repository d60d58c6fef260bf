"""Fixtures for the tests of the running product."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.product import Installation, installation


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Installation]:
    """Yield a product whose processes a test starts one by one."""
    with installation(tmp_path / "election") as made:
        yield made


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Yield a product whose mail server, courier and site run for all tests of a file."""
    with installation(tmp_path_factory.mktemp("running") / "election") as made:
        made.start_product()
        yield made
