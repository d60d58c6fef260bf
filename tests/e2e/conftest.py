"""One running product and one Chromium for all these tests; a fresh voter and a fresh browser profile for each."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from core.text import Language
from guides.pictures.chromium import chromium
from tests.e2e.visitor import PROFILE, Visitor, link_for, new_page, set_password
from tests.support.product import Demo, Voter
from tests.support.product import demo as running

OLD_PASSWORD = "Ancienne lavande 2018"


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The product; its SMS go through a real Kannel, and so do the answers of its telephones."""
    with running(tmp_path_factory.mktemp("e2e") / "demo", "--no-throttle", "--kannel") as started:
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
def voter(demo: Demo) -> Voter:
    """Someone who never had a password."""
    return demo.new_voter()


@pytest.fixture
def visitor(demo: Demo, context: BrowserContext, voter: Voter) -> Visitor:
    """That voter at a browser, reading French."""
    return Visitor(demo, new_page(context), voter, Language.FRENCH)


@pytest.fixture
def a_link(demo: Demo) -> Callable[[Voter], str]:
    """Has a recovery link sent to someone, without a browser."""

    def asked(person: Voter) -> str:
        return link_for(demo, person)

    return asked


@pytest.fixture
def with_password(demo: Demo) -> Callable[[Voter], str]:
    """Gives someone a password, without a browser."""

    def given(person: Voter) -> str:
        set_password(demo, person, OLD_PASSWORD)
        return OLD_PASSWORD

    return given
