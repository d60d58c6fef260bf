"""Fixtures: one running product and one Chromium for all tests, and a new voter and browser profile for each test."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from core.text.text import Language
from guides.help_site_builder import HelpSiteBuildInputs, build_site
from tests.e2e.visitor import PROFILE, PageVisitor, link_for, new_page, set_password
from tests.support.chromium import running_chromium
from tests.support.guides import BOOK
from tests.support.product import LIGHT_HASHES_AND_NO_HELP, Demo, DemoVoter
from tests.support.product import demo as running

OLD_PASSWORD = "Ancienne lavande 2018"


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Run the product, with its help built beside it."""
    folder = tmp_path_factory.mktemp("e2e") / "demo"
    with running(folder, "--no-throttle", command=LIGHT_HASHES_AND_NO_HELP) as started:
        build_site(HelpSiteBuildInputs(BOOK), folder / "guides")
        yield started


browser = pytest.fixture(scope="package", name="browser")(running_chromium)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Yield a new browser profile without cookies."""
    made = browser.new_context(**PROFILE)
    yield made
    made.close()


@pytest.fixture
def voter(demo: Demo) -> DemoVoter:
    """Return a voter who has never had a password."""
    return demo.take_unused_voter()


@pytest.fixture
def visitor(demo: Demo, context: BrowserContext, voter: DemoVoter) -> PageVisitor:
    """Return the voter as a visitor in a browser, who reads French."""
    return PageVisitor(demo, new_page(context), voter, Language.FRENCH)


@pytest.fixture
def a_link(demo: Demo) -> Callable[[DemoVoter], str]:
    """Return a function that mails a voter a recovery link without a browser."""

    def asked(person: DemoVoter) -> str:
        return link_for(demo, person)

    return asked


@pytest.fixture
def with_password(demo: Demo) -> Callable[[DemoVoter], str]:
    """Return a function that gives a voter a password without a browser."""

    def given(person: DemoVoter) -> str:
        set_password(demo, person, OLD_PASSWORD)
        return OLD_PASSWORD

    return given
