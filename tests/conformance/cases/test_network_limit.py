"""CASE 4: the site limits the requests of each network."""

from itertools import count
from time import sleep

import pytest

from tests.conformance.html_page import HtmlPage
from tests.conformance.product import Product
from tests.conformance.raw_http import exchange

pytestmark = pytest.mark.throttled
MOST = 4_000
REFUSED_IN_A_ROW = 40
"""Number of refusals in a row after which all processes of the site refuse. Each process may count for itself."""
ENOUGH_SECONDS = 20


def post_from_claimed_network(product: Product, number: int) -> HtmlPage:
    """Submit an address, and claim a new network in the header X-Forwarded-For."""
    claimed = {"X-Forwarded-For": f"198.{51 + number // 62_500}.{number // 250 % 250}.{number % 250}, 127.0.0.1"}
    return exchange(product.url, "POST", "/", {"email": "personne@ac-lumiere.example"}, claimed)


def post_until_refused(product: Product, numbers: "count[int]") -> HtmlPage:
    """Submit addresses until every process of the site refuses.

    If too little of the minute is left for the test, wait and begin again.
    """
    in_a_row = 0
    for _ in range(MOST):
        answer = post_from_claimed_network(product, next(numbers))
        in_a_row = 0 if answer.status == 303 else in_a_row + 1
        if in_a_row == REFUSED_IN_A_ROW:
            break
    assert in_a_row == REFUSED_IN_A_ROW, f"{MOST} requests of one network were not refused"
    if (seconds := int(str(answer.header("Retry-After")))) > ENOUGH_SECONDS:
        return answer
    sleep(seconds)
    return post_until_refused(product, numbers)


def test_case_4_forged_forwarded_for_opens_no_new_bucket(product: Product) -> None:
    """CASE 4: over the limit, a form is refused whatever network it claims, but pages can still be read."""
    numbers = count()

    answer = post_until_refused(product, numbers)

    assert (answer.status, answer.refusal) == (429, "too-many-requests")
    assert [post_from_claimed_network(product, next(numbers)).status for _ in range(4)] == [429] * 4
    assert product.browser().get("/").step == "MP-1"
