"""CASES 1 to 3, 8, 43 and 52: a voter requests the mail with the recovery link."""

from unicodedata import normalize

import pytest

from tests.conformance.browser import VoterBrowser
from tests.conformance.product import ASKED, CHANGED, FictionalVoter, Product
from tests.conformance.raw_http import exchange, send_all_at_once
from tests.conformance.response_comparison import comparable_response
from tests.conformance.waiting import in_parallel


def ask_and_return_answer_shapes(product: Product, email: str) -> tuple[VoterBrowser, list[object]]:
    """Request a mail for an address. Returns the browser, and the parts of each answer that can be compared."""
    browser = product.browser()
    browser.ask_for_link_mail(email)
    return browser, [comparable_response(answer, email) for answer in browser.answers]


def test_case_1_unknown_address_gets_what_a_known_one_gets(product: Product, voter: FictionalVoter) -> None:
    """CASE 1: from MP-1 to MP-4, all answers are the same for known and unknown addresses."""
    known, answers = ask_and_return_answer_shapes(product, voter.email)
    unknown, others = ask_and_return_answer_shapes(product, voter.address_not_on_roll)
    product.wait_for_mail(voter, ASKED)
    later = [each.get(each.seen["MP-4"].url) for each in (known, unknown)]

    assert [answer.status for answer in known.answers] == [200, 303, 200, 303, 200, 303, 200, 200]
    assert answers == others
    assert comparable_response(later[0], voter.email) == comparable_response(later[1], voter.address_not_on_roll)


def test_case_2_frozen_voter_gets_the_same_page_and_a_mail_without_link(
    product: Product, voter: FictionalVoter
) -> None:
    """CASE 2: a frozen voter sees the usual page, and gets a mail without a link that says to call the helpdesk."""
    product.set_password_by_link(voter)
    link = str(product.wait_for_mail(voter, ASKED).link)
    stopping = product.browser()
    assert stopping.submit(stopping.get(str(product.wait_for_mail(voter, CHANGED).link))).step == "ST-2"

    _, answers = ask_and_return_answer_shapes(product, voter.email)
    _, others = ask_and_return_answer_shapes(product, voter.address_not_on_roll)

    assert answers == others
    mail = product.wait_for_mail(voter, ASKED, count=2)
    assert (mail.link, product.desk_phone in mail.text_on_one_line) == (None, True)
    assert link.rpartition("/")[0] not in mail.html


def test_case_3_limit_answers_alike_for_known_and_unknown(product: Product, voter: FictionalVoter) -> None:
    """CASE 3: over the limit, the answers stay the same, and no more links are mailed."""
    for _ in range(product.messages_per_address + 2):
        _, answers = ask_and_return_answer_shapes(product, voter.email)
        _, others = ask_and_return_answer_shapes(product, voter.address_not_on_roll)
        assert answers == others

    assert product.count_mails(voter) == product.messages_per_address
    assert product.messages(voter.address_not_on_roll) == []


def test_case_3_parallel_asks_never_exceed_the_limit(product: Product, voter: FictionalVoter) -> None:
    """CASE 3: 24 browsers that request a mail at once share the limit of one browser."""
    browsers = [product.browser() for _ in range(24)]
    pages = [browser.go_to_link_request_step(voter.email) for browser in browsers]

    answers = in_parallel(lambda number: browsers[number].submit(pages[number]), 24)

    assert {page.step for page in answers} == {"MP-4"}
    assert product.count_mails(voter) == product.messages_per_address


def test_case_52_each_ask_mails_a_link_and_none_ends_another(product: Product, voter: FictionalVoter) -> None:
    """CASE 52: each mailed link opens MP-6, even after further requests."""
    links = [product.request_link(voter) for _ in range(5)]

    assert len(set(links)) == 5
    assert {product.browser().get(link).step for link in links} == {"MP-6"}


def test_case_43_one_browser_pressing_many_times_asks_once(product: Product, voter: FictionalVoter) -> None:
    """CASE 43: a form that is sent sixteen times at once is one request, and each answer leads to MP-4."""
    browser = product.browser()
    page = browser.go_to_link_request_step(voter.email)

    answers = send_all_at_once(product.url, [browser.prepare_request(page)] * 16)

    (end,) = {(answer.status, answer.header("Location")) for answer in answers}
    browser.keep_response(answers[0])
    assert (end[0], browser.get(str(end[1])).step) == (303, "MP-4")
    assert product.count_mails(voter) == 1


def test_case_3_spellings_of_one_address_share_the_limit(product: Product, voter: FictionalVoter) -> None:
    """CASE 3: all spellings of an address share its limit, and mail goes only to the address on the roll."""
    local, _, domain = voter.email.partition("@")
    wide = "".join(chr(ord(letter) + 0xFEE0) if letter.isalpha() else letter for letter in local)
    spellings = [
        voter.email.upper(),
        f"  {voter.email}\t",
        f"\u00a0{voter.email}\u3000",
        f"{wide}@{domain}",
        f"mailto:{voter.email}",
        normalize("NFKD", voter.email.title()),
    ]

    pages = [product.browser().ask_for_link_mail(spelling) for spelling in spellings * 2]

    assert {page.step for page in pages} == {"MP-4"}
    assert product.count_mails(voter) == product.messages_per_address


def test_waiting_page_offers_another_message_only_after_the_pause(product: Product, voter: FictionalVoter) -> None:
    """Before the pause is over, MP-4 has no button "send again", and a form that is sent anyway sends nothing."""
    browser = product.browser()
    page = browser.ask_for_link_mail(voter.email)
    product.wait_for_mail(voter, ASKED)

    assert not any(form.accepts_input({"choice": "again"}) for form in page.forms)
    assert browser.post(page.url, {"choice": "again"}).step == "MP-4"
    assert product.count_mails(voter) == 1


@pytest.mark.parametrize("language", ["fr", pytest.param("en", marks=pytest.mark.needs("english"))])
def test_case_8_mail_has_two_parts_in_the_readers_language(product: Product, language: str) -> None:
    """CASE 8: the mail has a text part and an HTML part in the language of the page.

    Both parts contain the link, and the subject contains no secret.
    """
    voter, browser = product.take_unused_voter(language), product.browser()
    browser.get(f"/?lang={language}")
    browser.ask_for_link_mail(voter.email)

    mail = product.wait_for_mail(voter, ASKED)

    assert mail.link is not None
    assert mail.link in mail.html
    assert f'<html lang="{language}"' in mail.html
    greeting, subject = {"fr": ("Bonjour", "mot de passe"), "en": ("Hello", "password")}[language]
    assert f"{greeting} {voter.first_name} {voter.last_name}".rstrip() in mail.text_on_one_line
    assert subject in mail.subject
    assert mail.token not in mail.subject


@pytest.mark.needs("english")
def test_whoever_chose_english_reads_it_on_every_page(product: Product, voter: FictionalVoter) -> None:
    """The chosen language applies to every page, including refusals."""
    browser = product.browser()

    chosen = browser.get(browser.get("/").links_by_language_or_relation["en"])

    pages = [chosen, browser.ask_for_link_mail(voter.email), browser.get("/nulle-part")]
    assert [page.language for page in pages] == ["en"] * 3


def test_browser_that_keeps_no_cookie_is_told_so(product: Product, voter: FictionalVoter) -> None:
    """A browser without cookies gets an explanation instead of an empty first page."""
    ours = {"Origin": product.url, "Sec-Fetch-Site": "same-origin"}
    sent = exchange(product.url, "POST", "/", {"email": voter.email}, ours)

    page = exchange(product.url, "GET", str(sent.header("Location")), headers={"Sec-Fetch-Site": "same-origin"})

    assert (page.status, page.refusal) == (400, "cookies-missing")
    assert product.desk_phone in page.text
    assert product.browser().get(str(sent.header("Location"))).step == "MP-1", "without a form before, it is a bookmark"
