"""One running product for all the tests that need no other: two web processes, a courier, a mailbox, SQLite."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.product import Demo, Installation, Voter, demo, installation


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The product. It does not count requests by network: all of these tests come from one."""
    with demo(tmp_path_factory.mktemp("conformance") / "demo", "--no-throttle", voters=400) as started:
        yield started


@pytest.fixture
def voter(product: Demo) -> Voter:
    """Someone on the roll who never had a password."""
    return product.new_voter()


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Installation]:
    """A product of one's own, to be started part by part."""
    with installation(tmp_path / "election") as made:
        yield made
