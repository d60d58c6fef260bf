"""CASE 53: a form that is sent again unchanged, later or by 32 clients at once, counts as one action."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import pytest

from tests.conformance.browser import VoterBrowser, typed_twice
from tests.conformance.html_page import HtmlPage
from tests.conformance.identifier_walk import IdentifierWalk, new_identifier_walk
from tests.conformance.product import ASKED, CHANGED, PASSWORD, SPACE, FictionalVoter, Product
from tests.conformance.raw_http import PreparedRequest, send, send_all_at_once

CLIENTS = 32
WRONG = "Mauvais essai 53"
TRIES = re.compile(r"(\d+) essais?")
BUSY = 503
"""Status of the answer when the site has no capacity to check another password. It has then not checked it."""


class ReaderVisibleAnswer(NamedTuple):
    """The parts of an answer from which its reader sees the result."""

    status: int
    step: str | None
    refusal: str | None
    tries: str | None


def answer_summary(page: HtmlPage) -> ReaderVisibleAnswer:
    tries = TRIES.search(page.text)
    return ReaderVisibleAnswer(page.status, page.step, page.refusal, None if tries is None else tries[1])


def send_repeatedly(browser: VoterBrowser, request: PreparedRequest) -> ReaderVisibleAnswer:
    """Send a request twice, and then from all clients at once. All answers must show the same result."""
    answers: Sequence[HtmlPage] = [send(browser.site, request) for _ in range(2)]
    answers = [*answers, *send_all_at_once(browser.site, [request] * CLIENTS)]
    (only,) = {answer_summary(answer) for answer in answers if answer.status != BUSY}
    browser.keep_response(next(answer for answer in reversed(answers) if answer.status != BUSY))
    return only


def follow_last_redirect(browser: VoterBrowser) -> HtmlPage:
    """Follow the redirect in the last answer."""
    return browser.get(str(browser.answers[-1].header("Location")))


def tries_left_after_repeats(browser: VoterBrowser, page: HtmlPage, wrong: dict[str, str]) -> list[int]:
    """Send wrong values repeatedly from one page, and then once from the page that was returned.

    Returns how many attempts are left after each.
    """
    first = send_repeatedly(browser, browser.prepare_request(page, wrong))
    second = browser.submit(browser.answers[-1], wrong)
    return [int(str(each.tries)) for each in (first, answer_summary(second))]


def test_case_53_wrong_password_repeated_counts_once(product: Product, voter: FictionalVoter) -> None:
    """CASE 53: the same wrong password counts again if it is sent from the new page."""
    product.set_password_by_link(voter)
    browser = product.browser()

    first, second = tries_left_after_repeats(
        browser, browser.go_to_sign_in_step(voter.email), {"choice": "sign-in", "password": WRONG}
    )

    assert second == first - 1


def test_case_53_key_of_a_page_lets_nobody_guess_twice(product: Product, voter: FictionalVoter) -> None:
    """CASE 53: different passwords that are sent with the key of one page are all counted."""
    product.set_password_by_link(voter)
    browser = product.browser()
    page = browser.go_to_sign_in_step(voter.email)

    left = [
        int(str(answer_summary(browser.submit(page, {"choice": "sign-in", "password": f"{WRONG}{number}"})).tries))
        for number in range(3)
    ]

    assert left == [left[0], left[0] - 1, left[0] - 2]


def test_case_53_sign_in_and_sign_out_repeated_are_one(product: Product, voter: FictionalVoter) -> None:
    """CASE 53: repeated sign-ins and sign-outs get the same answers, and open or end one session."""
    product.set_password_by_link(voter)
    browser = product.browser()
    page = browser.go_to_sign_in_step(voter.email)

    send_repeatedly(browser, browser.prepare_request(page, {"choice": "sign-in", "password": PASSWORD}))
    space = browser.get(SPACE)
    signed_in = browser.cookie_header
    send_repeatedly(browser, browser.prepare_request(space, {"choice": "sign-out"}))

    assert space.step == "EV-1"
    assert browser.get(SPACE).refusal == "sign-in-needed"
    assert send(product.url, PreparedRequest("GET", SPACE, headers={"Cookie": signed_in})).refusal == "sign-in-needed"


def test_case_53_message_asked_for_repeatedly_is_one_mail(product: Product, voter: FictionalVoter) -> None:
    """CASE 53: a repeated form of MP-3 makes one case and sends one mail."""
    browser = product.browser()

    send_repeatedly(browser, browser.prepare_request(browser.go_to_link_request_step(voter.email), {}))

    product.wait_for_mail(voter, ASKED)
    product.wait_until_all_messages_sent()
    assert len(product.mails(voter, ASKED)) == 1


def test_case_53_password_chosen_repeatedly_is_one(product: Product, voter: FictionalVoter) -> None:
    """CASE 53: if a new password is sent repeatedly, each answer is MP-7 and there is one notice.

    In other browsers, the link counts as used.
    """
    link = product.request_link(voter)
    browser = product.browser()
    page = browser.get(link)

    send_repeatedly(browser, browser.prepare_request(page, typed_twice(PASSWORD)))

    assert follow_last_redirect(browser).step == "MP-7"
    assert product.browser().get(link).refusal == "link-used"
    assert product.can_sign_in(voter, PASSWORD)
    product.wait_until_all_messages_sent()
    assert len(product.mails(voter, CHANGED)) == 1


@pytest.mark.needs("identifier")
def test_case_53_identity_code_and_identifier_repeated_are_one(product: Product) -> None:
    """CASE 53: at ID-1 to ID-3, repeated wrong answers count once, and repeated right answers send one SMS.

    Together they use one re-issue.
    """
    way: IdentifierWalk = new_identifier_walk(product)
    browser = way.browser
    send_repeatedly(browser, browser.prepare_request(way.go_to_step("ID-1"), {"choice": "request"}))
    page = follow_last_redirect(browser)
    mistyped = way.voter.identity(way.phone, numen="11A1111111AAA")
    identity = tries_left_after_repeats(browser, page, mistyped)
    send_repeatedly(browser, browser.prepare_request(browser.answers[-1], way.voter.identity(way.phone)))
    page = follow_last_redirect(browser)
    code = tries_left_after_repeats(browser, page, {"code": way.wrong_code()})
    send_repeatedly(browser, browser.prepare_request(browser.answers[-1], {"code": way.wait_for_code()}))

    way.go_to_step("ID-5", follow_last_redirect(browser))

    assert [identity[0] - identity[1], code[0] - code[1]] == [1, 1]
    product.wait_until_all_messages_sent()
    assert (len(way.codes()), len(way.identifiers())) == (1, 1)
