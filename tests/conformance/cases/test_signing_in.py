"""Voters sign in and out: pauses after wrong passwords, sessions and cookies."""

import re

from tests.conformance.html_page import HtmlPage
from tests.conformance.product import PASSWORD, SPACE, FictionalVoter, Product
from tests.conformance.raw_http import exchange
from tests.conformance.response_comparison import comparable_text

TRIES = 5
LONGEST_PAUSE = 15 * 60
WRONG = "Faux essai 1"


def sign_in_with_wrong_passwords(product: Product, address: str, count: int) -> list[HtmlPage]:
    """Type a wrong password `count` times, each time in a new browser."""
    return [product.browser().sign_in(address, f"Faux essai {number}") for number in range(count)]


def is_asked_to_sign_in(product: Product, cookies: str) -> bool:
    """Return whether the voter space asks a browser with the given cookies to sign in."""
    return exchange(product.url, "GET", SPACE, headers={"Cookie": cookies}).refusal == "sign-in-needed"


def test_wrong_passwords_wait_but_a_recognised_browser_does_not(product: Product, voter: FictionalVoter) -> None:
    """After five wrong passwords, even the right one must wait for a stated time, except in the voter's own browser."""
    own = product.set_password_by_link(voter)

    statuses = [page.status for page in sign_in_with_wrong_passwords(product, voter.email, TRIES + 2)]

    refused = product.browser().sign_in(voter.email, PASSWORD)
    assert statuses == [422] * TRIES + [429] * 2
    assert (refused.status, refused.refusal) == (429, "too-many-sign-ins")
    assert 0 < int(str(refused.header("Retry-After"))) <= LONGEST_PAUSE
    assert re.search(r"\d\sh\b", refused.text)
    assert own.sign_in(voter.email, PASSWORD).step == "EV-1"


def test_case_1_pause_is_the_same_for_unknown_addresses(product: Product, voter: FictionalVoter) -> None:
    """CASE 1: an address gets the same answers and pause whether it is unknown, without a password or with one."""
    never = product.take_unused_voter()
    product.request_link(never)
    product.set_password_by_link(voter)
    addresses = (voter.email, never.email, f"zq{voter.email}")

    answers = [
        [
            (page.status, page.step, page.refusal, comparable_text(page.text, each))
            for page in sign_in_with_wrong_passwords(product, each, TRIES + 1)
        ]
        for each in addresses
    ]

    assert answers[0] == answers[1] == answers[2]


def test_recognised_browser_is_limited_too(product: Product, voter: FictionalVoter) -> None:
    """A recognised browser has five attempts of its own, but only for the address of its voter."""
    own, other = product.set_password_by_link(voter), product.take_unused_voter()
    product.set_password_by_link(other)

    for address in (voter.email, other.email):
        statuses = [own.sign_in(address, f"Faux essai {number}").status for number in range(TRIES + 1)]
        assert statuses == [422] * TRIES + [429]


def test_tries_are_counted_under_one_spelling(product: Product, voter: FictionalVoter) -> None:
    """All spellings of an address share the same attempts."""
    product.set_password_by_link(voter)
    spellings = [voter.email, voter.email.upper(), f" {voter.email} ", f"mailto:{voter.email}", voter.email.title()]

    assert {product.browser().sign_in(spelling, WRONG).status for spelling in spellings} == {422}
    assert product.browser().sign_in(voter.email, PASSWORD).status == 429


def test_session_ends_on_the_server_when_signing_out(product: Product, voter: FictionalVoter) -> None:
    """After "Se déconnecter", a copy of the cookies opens nothing."""
    browser = product.sign_in_new_browser(voter)
    copy = browser.cookie_header
    assert not is_asked_to_sign_in(product, copy)

    assert browser.submit(browser.seen["EV-1"], {"choice": "sign-out"}).step == "MP-1"

    assert browser.get(SPACE).refusal == "sign-in-needed"
    assert is_asked_to_sign_in(product, copy)


def test_session_ends_with_the_browser(product: Product, voter: FictionalVoter) -> None:
    """When the browser is restarted, the voter is no longer signed in."""
    browser = product.sign_in_new_browser(voter)
    kept = {name: morsel for name, morsel in browser.cookies.items() if morsel["max-age"] or morsel["expires"]}
    assert kept != browser.cookies

    browser.cookies = kept

    assert browser.get(SPACE).refusal == "sign-in-needed"


def test_planted_session_is_replaced(product: Product, voter: FictionalVoter) -> None:
    """Cookies that an attacker planted before the sign-in do not open the session afterwards (session fixation)."""
    planted = {name: "A" * len(value) for name, value in product.sign_in_new_browser(voter).held.items()}
    browser = product.browser()
    for name, value in planted.items():
        browser.store_cookie(f"{name}={value}")
    known_to_the_attacker = browser.cookie_header

    assert browser.sign_in(voter.email, PASSWORD).step == "EV-1"

    assert is_asked_to_sign_in(product, known_to_the_attacker)
    assert not is_asked_to_sign_in(product, browser.cookie_header)


def test_cookies_are_out_of_reach_of_scripts_and_of_other_sites(product: Product, voter: FictionalVoter) -> None:
    """Every cookie is HttpOnly and SameSite=Lax, and contains no address.

    With https, every cookie is also Secure and bound to the host by its name.
    """
    browser = product.sign_in_new_browser(voter)
    browser.get(browser.get("/").links_by_language_or_relation.get("en", "/"))
    secure = product.url.startswith("https:")

    assert browser.cookies
    for name, morsel in browser.cookies.items():
        assert (bool(morsel["httponly"]), morsel["samesite"]) == (True, "Lax")
        assert (morsel["path"], morsel["domain"]) == ("/", "")
        assert (bool(morsel["secure"]), name.startswith("__Host-")) == (secure, secure)
        assert voter.email.partition("@")[0] not in morsel.value
    assert {page.header("Strict-Transport-Security") is not None for page in browser.answers} == {secure}
