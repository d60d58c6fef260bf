"""CASE 12: thirty-two clients use one link at the same time."""

from functools import partial

from tests.conformance.browser import typed_twice
from tests.conformance.html_page import HtmlPage
from tests.conformance.product import Product
from tests.conformance.raw_http import PreparedRequest, send, send_all_at_once
from tests.conformance.waiting import eventually

CLIENTS = 32
REPEATS = 50
BROWSERS = 4
LOSERS_CHECKED = 3
TOO_BUSY = "too-busy"


def test_case_12_one_link_changes_one_password(product: Product) -> None:
    """CASE 12: if 32 clients send 32 passwords with one link at once, one succeeds, and only its password works.

    This is repeated 50 times.
    """
    voters = [product.take_unused_voter() for _ in range(REPEATS)]
    winners = set()

    for voter, link in zip(voters, product.request_links(voters), strict=True):
        (winner,) = post_passwords_at_once(product, link)
        losers = [number for number in range(CLIENTS) if number != winner]
        for loser in losers[:: CLIENTS // LOSERS_CHECKED][:LOSERS_CHECKED]:
            assert not product.can_sign_in(voter, unique_password_of_client(loser))
        assert product.can_sign_in(voter, unique_password_of_client(winner))
        winners.add(winner)

    assert len(winners) > 1, "the clients did not really race"


def unique_password_of_client(client: int) -> str:
    return f"Course {client:02d} gazelle"


def post_passwords_at_once(product: Product, link: str) -> list[int]:
    """Send a password from all clients, through a few browsers that have opened the link.

    Returns the numbers of the clients that succeeded.
    """
    browsers = [product.browser() for _ in range(BROWSERS)]
    pages = [browser.get(link) for browser in browsers]
    requests = []
    for number in range(CLIENTS):
        typed = typed_twice(unique_password_of_client(number))
        requests.append(browsers[number % BROWSERS].prepare_request(pages[number % BROWSERS], typed))

    answers = [
        eventually(partial(answer_after_retry_if_busy, product, request, answer), "an answer in its turn")
        for request, answer in zip(requests, send_all_at_once(product.url, requests), strict=True)
    ]

    assert {(answer.status, answer.refusal) for answer in answers} == {(303, None), (410, "link-used")}
    return [number for number, answer in enumerate(answers) if answer.status == 303]


def answer_after_retry_if_busy(product: Product, request: PreparedRequest, first: HtmlPage) -> HtmlPage | None:
    """Return the first answer. If it says that the site is too busy, try again.

    Returns None while the site is still too busy.
    """
    if first.refusal != TOO_BUSY:
        return first
    again = send(product.url, request)
    return None if again.refusal == TOO_BUSY else again
