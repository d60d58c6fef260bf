"""Fixtures of the cases: the product, and voters in it."""

import pytest

from tests.conformance.applicable_cases import PRODUCT
from tests.conformance.identifier_walk import IdentifierWalk, walker_at_code
from tests.conformance.product import FictionalVoter, Product


@pytest.fixture(scope="session")
def product(pytestconfig: pytest.Config) -> Product:
    """The product under judgement."""
    return pytestconfig.stash[PRODUCT]


@pytest.fixture
def voter(product: Product) -> FictionalVoter:
    """Someone on the roll who never had a password."""
    return product.take_unused_voter()


@pytest.fixture
def walker(product: Product) -> IdentifierWalk:
    """A voter who is asked for a security code."""
    return walker_at_code(product)
