"""Fixtures for the conformance cases: the tested product, and some of its voters."""

import pytest

from tests.conformance.applicable_cases import PRODUCT
from tests.conformance.identifier_walk import IdentifierWalk, walker_at_code
from tests.conformance.product import FictionalVoter, Product


@pytest.fixture(scope="session")
def product(pytestconfig: pytest.Config) -> Product:
    """Return the product that the cases test."""
    return pytestconfig.stash[PRODUCT]


@pytest.fixture
def voter(product: Product) -> FictionalVoter:
    """Return a voter on the roll who has never had a password."""
    return product.take_unused_voter()


@pytest.fixture
def walker(product: Product) -> IdentifierWalk:
    """Return a voter at the step that asks for a security code."""
    return walker_at_code(product)
