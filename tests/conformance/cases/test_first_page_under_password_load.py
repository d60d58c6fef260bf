"""CASE 50: the first page stays fast while many passwords are checked."""

import re
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

from tests.conformance.browser import VoterBrowser, typed_twice
from tests.conformance.html_page import HtmlPage
from tests.conformance.product import PASSWORD, Product
from tests.conformance.raw_http import PreparedRequest, send

WORST = "4@8({[<3691!|70$5+7%2aA0" * 3
"""A password that contains every symbol that may stand for a letter, three times.

Estimating its strength may take seconds.
"""
TOO_LONG = re.compile(r"au plus \d+")
CROWD, STRANGERS, WAVES = 16, 64, 5
"""Number of passwords and number of sign-ins sent at the same time, and maximum number of waves.

One wave in which the answers come in a good order is enough.
"""
SECONDS = 120


def send_all_then_first_page(product: Product, posts: Sequence[PreparedRequest]) -> tuple[list[HtmlPage], bool]:
    """Send all forms at once, and request the first page after the first answer.

    Returns the answers, and whether the page came before half of them.
    """
    with ThreadPoolExecutor(len(posts)) as pool:
        sent = [pool.submit(send, product.url, post, seconds=SECONDS) for post in posts]
        wait(sent, return_when=FIRST_COMPLETED)
        page = send(product.url, PreparedRequest("GET", "/"), seconds=SECONDS)
        unanswered = sum(not each.done() for each in sent)
    assert (page.status, page.step) == (200, "MP-1")
    return [each.result() for each in sent], 2 * unanswered >= len(posts)


def first_page_comes_before_most(product: Product, waves: int, posts: Callable[[], Sequence[PreparedRequest]]) -> bool:
    """Send waves of forms until the first page comes before most answers.

    Each form must be refused, or the answer must say when to try again.
    """
    for _ in range(waves):
        answers, before_most = send_all_then_first_page(product, posts())
        assert_refused_or_told_when_to_retry(answers)
        if before_most:
            return True
    return False


def assert_refused_or_told_when_to_retry(answers: Sequence[HtmlPage]) -> None:
    for answer in answers:
        assert answer.status in {422, 503}
        assert answer.status == 422 or int(str(answer.header("Retry-After"))) > 0


def test_case_50_the_first_page_does_not_wait_for_sign_ins(product: Product) -> None:
    """CASE 50: 64 simultaneous sign-ins are all answered, and the first page comes before most of them."""
    browsers = [product.browser() for _ in range(STRANGERS)]
    pages = [each.go_to_sign_in_step(f"personne.{number}@ac-lumiere.example") for number, each in enumerate(browsers)]
    wrong = {"choice": "sign-in", "password": "Faux essai 1"}
    posts = [browser.prepare_request(page, wrong) for browser, page in zip(browsers, pages, strict=True)]

    assert first_page_comes_before_most(product, WAVES, lambda: posts)


def test_case_50_the_first_page_does_not_wait_for_worst_passwords(product: Product) -> None:
    """CASE 50: the first page comes before the answers to 16 passwords that are expensive to check.

    The passwords are refused, and the links stay valid.
    """
    browsers = [product.browser_at_new_password(product.take_unused_voter())]
    alone = browsers[0].submit_new_password(WORST)
    assert_refused_or_told_when_to_retry([alone])
    unread = (
        TOO_LONG.search(alone.text) is not None
    )  # then it was not checked, and the order of the answers proves nothing
    if not unread:
        browsers += _at_new_password(product, CROWD - 1)

    def posts() -> list[PreparedRequest]:
        return [browser.prepare_request(browser.seen["MP-6"], typed_twice(WORST)) for browser in browsers]

    assert first_page_comes_before_most(product, 1 if unread else WAVES, posts) or unread
    assert browsers[0].submit_new_password(PASSWORD).step == "MP-7"


def _at_new_password(product: Product, count: int) -> list[VoterBrowser]:
    """Return the given number of browsers. In each, a new link of another voter has been opened."""
    browsers = [product.browser() for _ in range(count)]
    for browser, link in zip(
        browsers, product.request_links([product.take_unused_voter() for _ in browsers]), strict=True
    ):
        assert browser.get(link).step == "MP-6"
    return browsers
