"""Selects the conformance cases that apply to a product."""

from collections.abc import Collection, Mapping

import pytest

from tests.conformance.product import Product

PRODUCT = pytest.StashKey[Product]()
LACKS: Mapping[str, str] = {
    "identifier": "the way to a new voting identifier (ID-1 to ID-5)",
    "passwords-of-2018": "passwords of 8 to 24 characters",
    "replies": "a form that sends an SMS back from a telephone",
    "failing-phones": "telephone numbers whose SMS fail",
    "calls": "calls that read a security code aloud",
    "desk-mail": "a mail to the helpdesk when a voter stops a change",
    "english": "a second language",
}
"""Features that a product may lack, with explanations. The mark `needs` of a case names the features that it needs."""


class ApplicableCasesPlugin:
    """A pytest plugin that deselects cases that do not apply to the product, and reports them."""

    def __init__(self, product: Product, lacks: Collection[str], *, throttled: bool) -> None:
        self._product = product
        self._lacks = frozenset(lacks)
        self._throttled = throttled
        self._not_judged: list[pytest.Item] = []

    def pytest_configure(self, config: pytest.Config) -> None:
        """Make the product available to the fixtures."""
        config.stash[PRODUCT] = self._product

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Deselect cases that need a missing feature, or that need the limits by network to be on or off."""
        lacked = [item for item in items if self._lacks & {mark.args[0] for mark in item.iter_markers("needs")}]
        elsewhere = [item for item in items if (item.get_closest_marker("throttled") is not None) != self._throttled]
        left_out = {*lacked, *elsewhere}
        items[:] = [item for item in items if item not in left_out]
        self._not_judged = lacked
        config.hook.pytest_deselected(items=list(left_out))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """List the cases that were skipped because the product lacks a feature."""
        if self._not_judged:
            terminalreporter.section("not judged")
        for item in self._not_judged:
            terminalreporter.write_line(item.nodeid)
