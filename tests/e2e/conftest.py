"""One running product and one Chromium for all these tests; a fresh voter and a fresh browser profile for each."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from core.text import Language
from tests.e2e.product import Demo, Person, chromium, demo_running
from tests.e2e.visitor import PROFILE, Visitor, link_for, new_page, set_password

OLD_PASSWORD = "Ancienne lavande 2018"


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The product."""
    with demo_running(tmp_path_factory.mktemp("e2e") / "demo") as started:
        yield started


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium."""
    with sync_playwright() as playwright:
        launched = chromium(playwright)
        yield launched
        launched.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A profile of its own: no cookie from another test."""
    made = browser.new_context(**PROFILE)
    yield made
    made.close()


@pytest.fixture
def voter(demo: Demo) -> Person:
    """Someone who never had a password."""
    return demo.new_voter()


@pytest.fixture
def visitor(demo: Demo, context: BrowserContext, voter: Person) -> Visitor:
    """That voter at a browser, reading French."""
    return Visitor(demo, new_page(context), voter, Language.FRENCH)


@pytest.fixture
def a_link(demo: Demo) -> Callable[[Person], str]:
    """Has a recovery link sent to someone, without a browser."""

    def asked(person: Person) -> str:
        return link_for(demo, person)

    return asked


@pytest.fixture
def with_password(demo: Demo) -> Callable[[Person], str]:
    """Gives someone a password, without a browser."""

    def given(person: Person) -> str:
        set_password(demo, person, OLD_PASSWORD)
        return OLD_PASSWORD

    return given
