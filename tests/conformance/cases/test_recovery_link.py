"""CASES 10, 11, 14 to 16, 18 and 19: the recovery link."""

from urllib.parse import quote, urlsplit

import pytest

from tests.conformance.product import ASKED, OTHER_PASSWORD, PASSWORD, SPACE, FictionalVoter, Product
from tests.conformance.raw_http import exchange

KINDLY = {(404, "link-damaged"), (404, "link-unknown")}
SCANNERS = [
    "Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1; Trident/5.0) SafeLinks",
    "BarracudaCentral/1.0",
    "Mozilla/5.0 (compatible; Googlebot/2.1)",
    "curl/8.5.0",
    "",
]


def test_case_10_link_works_after_scanners_open_it(product: Product, voter: FictionalVoter) -> None:
    """CASE 10: the voter's form still works after other clients have opened the link with HEAD and with twenty GETs."""
    link = product.request_link(voter)
    assert product.browser().get(link, method="HEAD", follow=False).status == 303

    for number in range(20):
        scanner = {"User-Agent": SCANNERS[number % len(SCANNERS)]}
        assert product.browser().get(link, headers=scanner).step == "MP-6"

    browser = product.browser()
    browser.get(link)
    assert browser.submit_new_password(PASSWORD).step == "MP-7"


def test_case_11_second_use_fails_in_the_same_and_in_another_browser(product: Product, voter: FictionalVoter) -> None:
    """CASE 11: a used link says that it was used and changes nothing, in every browser."""
    link = product.request_link(voter)
    first, waiting = product.browser(), product.browser()
    first.get(link)
    waiting.get(link)

    assert first.submit_new_password(PASSWORD).step == "MP-7"

    again = [
        first.get(link),
        first.submit_new_password(OTHER_PASSWORD),
        waiting.submit_new_password(OTHER_PASSWORD),
        product.browser().get(link),
    ]
    assert [(page.status, page.refusal) for page in again] == [(410, "link-used")] * 4
    assert not product.can_sign_in(voter, OTHER_PASSWORD)
    assert product.can_sign_in(voter, PASSWORD)


def test_case_14_link_works_on_another_device(product: Product, voter: FictionalVoter) -> None:
    """CASE 14: a link also works on another device, for the same case, and the first browser still shows MP-4."""
    asking, reading = product.browser(), product.browser()
    asked = asking.ask_for_link_mail(voter.email)

    page = reading.get(str(product.wait_for_mail(voter, ASKED).link))

    assert (page.step, page.case) == ("MP-6", asked.case)
    assert reading.submit_new_password(PASSWORD).step == "MP-7"
    assert asking.get(asked.url).step == "MP-4"


def damaged_tokens(token: str) -> list[str]:
    """Return variants of a token that mail programs, people or attackers have damaged."""
    return [
        "",
        token[:-1],
        token[:20],
        ("B" if token[0] == "A" else "A") + token[1:],
        *(f"{token[:30]}{sign}{token[30:]}" for sign in ("=%0D%0A", "=", "=%20")),
        *(f"{token}{sign}" for sign in (".", "%3E", ")", ",", "%20", "=", "/", "/x")),
        *(f"{sign}{token}" for sign in ("%20", "3D", "%E2%80%8B", "..%2f..%2f")),
        token.swapcase(),
        token * 30,
        "%25%32%35%00%FF",
        *(letter * 43 for letter in ("é", "%D0%90", "A")),
    ]


def test_case_15_damaged_link_is_refused_kindly(product: Product, voter: FictionalVoter) -> None:
    """CASE 15: the page of a damaged link says what to do, and the complete link still works."""
    link = product.request_link(voter)
    head, _, token = link.rpartition("/")

    for each in damaged_tokens(token):
        path = quote(urlsplit(f"{head}/{each}").path, safe="/%=,)")
        page = exchange(product.url, "GET", path)
        assert (page.status, page.refusal) in KINDLY, each
        assert product.desk_phone in page.text
        assert page.header("Set-Cookie") is None

    browser = product.browser()
    browser.get(link)
    assert browser.submit_new_password(PASSWORD).step == "MP-7"


def test_case_16_success_ends_every_other_link_session_and_half_finished_sign_in(
    product: Product, voter: FictionalVoter
) -> None:
    """CASE 16: a new password ends all other links, all open sessions and all unfinished sign-ins."""
    inside, half = product.sign_in_new_browser(voter), product.browser()
    space, ways = inside.seen["EV-1"], half.go_to_sign_in_step(voter.email)
    links = [product.request_link(voter) for _ in range(3)]
    opened, changing = product.browser(), product.browser()
    opened.get(links[1])
    changing.get(links[0])

    assert changing.submit_new_password(OTHER_PASSWORD).step == "MP-7"

    assert (inside.get(SPACE).status, inside.get(SPACE).refusal) == (403, "sign-in-needed")
    assert inside.submit(space, {"choice": "new-password"}).refusal == "sign-in-needed"
    assert opened.submit_new_password("Hibou moyen 2020").refusal == "link-replaced"
    assert {product.browser().get(link).refusal for link in links[1:]} == {"link-replaced"}
    assert half.submit(ways, {"choice": "sign-in", "password": PASSWORD}).status == 422
    assert product.can_sign_in(voter, OTHER_PASSWORD)


def test_case_18_link_of_other_voter_is_said_and_signs_nobody_in(product: Product) -> None:
    """CASE 18: if another voter is signed in, the page of a link says so, and using the link signs nobody in."""
    alice, bob = product.take_unused_voter(), product.take_unused_voter()
    browser = product.sign_in_new_browser(bob)
    session = {"Cookie": browser.cookie_header}

    page = browser.get(product.request_link(alice))

    assert page.step == "MP-6"
    assert all(f"{voter.email[0]}•••@" in page.text for voter in (alice, bob))
    assert alice.email not in page.text
    assert bob.email not in page.body
    assert browser.get(SPACE).step == "EV-1"
    assert browser.submit_new_password(OTHER_PASSWORD).step == "MP-7"
    assert browser.get(SPACE).refusal == "sign-in-needed"
    assert exchange(product.url, "GET", SPACE, headers=session).refusal == "sign-in-needed"
    assert product.can_sign_in(alice, OTHER_PASSWORD)
    assert product.can_sign_in(bob, PASSWORD)


def test_case_18_link_opened_last_in_a_browser_counts(product: Product) -> None:
    """CASE 18: if two voters' links are opened in one browser, the new password is for the voter of the last link."""
    first, second = product.take_unused_voter(), product.take_unused_voter()
    browser = product.browser()
    browser.get(product.request_link(first))
    browser.get(product.request_link(second))

    assert browser.submit_new_password(PASSWORD).step == "MP-7"

    assert not product.can_sign_in(first, PASSWORD)
    assert product.can_sign_in(second, PASSWORD)


def test_case_19_token_is_in_no_page_redirect_or_clear_cookie(product: Product, voter: FictionalVoter) -> None:
    """CASE 19: the token is in no page, redirect, URL or unsealed cookie, and browsers do not send it as Referer."""
    link = product.request_link(voter)
    token = link.rpartition("/")[2]
    browser = product.browser()

    browser.get(link)
    browser.submit_new_password("court")
    browser.submit_new_password(PASSWORD)
    browser.get(browser.seen["MP-6"].url)

    first, *others = browser.answers
    assert first.status == 303
    assert (first.header("Referrer-Policy"), first.header("Cache-Control")) == ("no-referrer", "no-store")
    assert token not in str(first.headers) + first.body
    for page in others:
        assert token not in page.url + str(page.headers) + page.body


@pytest.mark.parametrize("added", [".", "%3E", "="])
def test_case_19_refused_page_does_not_repeat_the_token(product: Product, voter: FictionalVoter, added: str) -> None:
    """CASE 19: the page about a link with an extra character neither repeats the token nor sends it as Referer."""
    link = product.request_link(voter)

    page = exchange(product.url, "GET", urlsplit(link).path + added)

    assert page.refusal == "link-damaged"
    assert link.rpartition("/")[2] not in page.body
    assert page.header("Referrer-Policy") == "no-referrer"


def test_case_19_cookie_of_an_opened_link_cannot_be_altered(product: Product, voter: FictionalVoter) -> None:
    """CASE 19: the cookie of an opened link no longer works if one character is altered."""
    browser = product.browser()
    page = browser.get(product.request_link(voter))

    (name, value), *_ = browser.held.items()

    middle = len(value) // 2
    altered = value[:middle] + ("A" if value[middle] != "A" else "B") + value[middle + 1 :]
    for each in (altered, value[:-1], value[1:], "", f"{value}A"):
        answer = exchange(product.url, "GET", urlsplit(page.url).path, headers={"Cookie": f"{name}={each}"})
        assert (answer.status, answer.refusal) == (404, "link-unknown")
