"""Pages stay fast while many passwords are being checked."""

from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

import pytest

from tests.support.product import CHOOSE, HtmlPage, Installation, SiteBrowser, exchange, installation

WORST = "4@8({[<3691!|70$5+7%2aA0" * 3
"""A password that needs the most time for an estimate of its strength, because its symbols may stand for letters."""
CHOOSE_WAY = "/mot-de-passe/connexion"
SIGN_IN = {"choice": "sign-in", "password": "Mauvais mot de passe 1"}
CROWD, STRANGERS = 16, 64
SECONDS = 180
TOO_BUSY = "Rien n'est perdu"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Run a site with the rules of 2026."""
    with installation(tmp_path_factory.mktemp("overload") / "election") as made:
        made.variables["RETROUVE_POLICY__PRESET"] = "2026"
        made.start_product()
        yield made


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    """Yield a pool with a thread for each form that is sent at the same time."""
    with ThreadPoolExecutor(STRANGERS) as pool:
        yield pool


def choosing_browsers(site: Installation, count: int) -> list[SiteBrowser]:
    """Return browsers in which links of different voters have been opened."""
    voters = [site.take_unused_voter() for _ in range(count)]
    browsers = [site.browser() for _ in voters]
    for browser, link in zip(browsers, site.links_of(voters).values(), strict=True):
        browser.get(link)
    return browsers


def send_worst(site: Installation, browser: SiteBrowser) -> HtmlPage:
    """Send the expensive password without opening the page MP-6."""
    twice = dict.fromkeys(("new_password", "new_password_again"), WORST)
    return exchange(site.site, "POST", CHOOSE, twice, {"Cookie": browser.cookie_header}, seconds=SECONDS)


def assert_accepted_or_told_when_to_retry(answer: HtmlPage) -> None:
    """Check that the password was accepted, or that the answer says when to try again."""
    if answer.status == 503:
        assert answer.refusal == "too-busy"
        assert int(str(answer.header("Retry-After"))) > 0
        assert TOO_BUSY in answer.text
    else:
        assert answer.status == 303


def unanswered(sent: list[Future[HtmlPage]]) -> int:
    """Return how many forms have no answer yet."""
    return sum(not each.done() for each in sent)


def test_the_first_page_does_not_wait_for_worst_case_passwords(site: Installation, threads: ThreadPoolExecutor) -> None:
    """Sixteen expensive passwords are all answered, and the first page comes before the last of these answers."""
    browsers = choosing_browsers(site, CROWD)
    sent = [threads.submit(send_worst, site, browser) for browser in browsers]
    wait(sent, return_when=FIRST_COMPLETED)

    assert exchange(site.site, "GET", "/").status == 200

    assert unanswered(sent)
    for each in sent:
        assert_accepted_or_told_when_to_retry(each.result())


def test_the_first_page_does_not_wait_for_sign_ins(site: Installation, threads: ThreadPoolExecutor) -> None:
    """Sixty-four sign-ins are all answered, and the first page comes before the last of these answers."""
    browsers = [site.browser() for _ in range(STRANGERS)]
    for number, browser in enumerate(browsers):
        browser.post("/", {"email": f"nobody.{number}@ac-lumiere.example"})
    sent = [
        threads.submit(
            exchange, site.site, "POST", CHOOSE_WAY, SIGN_IN, {"Cookie": browser.cookie_header}, seconds=SECONDS
        )
        for browser in browsers
    ]
    wait(sent, return_when=FIRST_COMPLETED)

    assert exchange(site.site, "GET", "/").status == 200

    assert unanswered(sent)
    assert {(each.result().status, each.result().refusal) for each in sent} <= {(422, None), (503, "too-busy")}
