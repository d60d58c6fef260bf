"""CASES 20 to 23: a voter chooses a new password and gets a notice about it."""

from typing import Literal
from unicodedata import normalize

import pytest

from tests.conformance.product import ASKED, CHANGED, OTHER_PASSWORD, PASSWORD, SPACE, FictionalVoter, Product
from tests.conformance.waiting import eventually

REFUSED = {
    "": "mot de passe",
    "Ab3defg": "au moins 8",
    "Abcdefgh1jklmnopqrstuvwxy": "au plus 24",
    "NUAGE VIOLET 2018": "minuscule",
    "nuage violet 2018": "majuscule",
    "Nuage violet": "chiffre",
    "Password1": "parmi les plus",
    "Nuage\x07violet 2018": "invisible",
}
"""Passwords that each break one rule of 2018. The value is the message of the site."""


@pytest.mark.needs("passwords-of-2018")
def test_case_20_refused_password_keeps_the_link_usable_and_says_which_rule(
    product: Product, voter: FictionalVoter
) -> None:
    """CASE 20: a refusal names the broken rule and does not repeat the password, and the link still works."""
    browser = product.browser_at_new_password(voter)

    for password, rule in REFUSED.items():
        page = browser.submit_new_password(password)
        assert (page.status, page.step) == (422, "MP-6"), password
        assert rule in page.text, password
        assert not password or password not in page.body
    assert "mots de passe sont différents" in browser.submit_new_password(PASSWORD, again="Nuage violet 2019").text

    assert browser.submit_new_password(PASSWORD).step == "MP-7"


@pytest.mark.needs("passwords-of-2018")
def test_case_20_password_may_not_hold_the_name_or_the_address(product: Product, voter: FictionalVoter) -> None:
    """CASE 20: a password that contains the voter's name or address is refused."""
    browser = product.browser_at_new_password(voter)
    personal = [f"x1{voter.last_name.upper()}X", f"a1A{voter.email.partition('.')[0]}", f"9{voter.first_name}Zz"]

    for password in filter(lambda each: len(each) >= 8, personal):
        page = browser.submit_new_password(password[:24])
        assert (page.status, "votre nom ou votre adresse" in page.text) == (422, True), password


def test_case_21_composed_and_decomposed_forms_are_one_password(product: Product, voter: FictionalVoter) -> None:
    """CASE 21: a password chosen in one Unicode form can be repeated and used in the other."""
    composed = normalize("NFC", "Bel été à Évian 2018")
    decomposed = normalize("NFD", composed)

    assert product.browser_at_new_password(voter).submit_new_password(decomposed, again=composed).step == "MP-7"

    assert composed != decomposed
    assert product.can_sign_in(voter, composed)
    assert product.can_sign_in(voter, decomposed)


@pytest.mark.needs("passwords-of-2018")
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_case_21_length_counts_visible_characters(
    product: Product, voter: FictionalVoter, form: Literal["NFC", "NFD"]
) -> None:
    """CASE 21: 24 characters with accents and spaces are accepted in either Unicode form, and 25 are not."""
    longest = "Un œuf dur, l'été, çà 18"
    browser = product.browser_at_new_password(voter)

    assert "au plus 24" in browser.submit_new_password(normalize(form, f"{longest}é")).text
    assert browser.submit_new_password(normalize(form, longest)).step == "MP-7"

    assert len(longest) == 24
    assert product.can_sign_in(voter, longest)


def test_case_22_nobody_is_signed_in_by_a_reset(product: Product, voter: FictionalVoter) -> None:
    """CASE 22: a new password signs nobody in. The voter space still asks for a sign-in."""
    browser = product.browser_at_new_password(voter)
    page = browser.submit_new_password(PASSWORD)

    assert (browser.get(SPACE).status, browser.get(SPACE).refusal) == (403, "sign-in-needed")
    assert browser.submit(page, {"choice": "sign-in"}).step in {"MP-1", "MP-2"}
    assert browser.get(SPACE).refusal == "sign-in-needed"


def test_case_23_notice_goes_out_with_the_way_to_stop_it(product: Product, voter: FictionalVoter) -> None:
    """CASE 23: the notice contains no secret. Its link freezes the account on POST, and does nothing on GET and HEAD."""
    inside = product.sign_in_new_browser(voter)
    notice = product.wait_for_mail(voter, CHANGED)
    known = notice.text + notice.html + notice.subject
    assert not any(secret in known for secret in (PASSWORD, product.wait_for_mail(voter, ASKED).token))
    assert str(notice.link) in notice.html
    stopping = product.browser()
    stopping.get(str(notice.link), method="HEAD")
    for _ in range(3):
        page = stopping.get(str(notice.link))
        assert (page.step, page.case) == ("ST-1", inside.seen["MP-7"].case)
        assert notice.token not in page.url + page.body
    assert inside.get(SPACE).step == "EV-1"

    assert stopping.submit(page).step == "ST-2"

    assert inside.get(SPACE).refusal == "sign-in-needed"
    refused = product.browser().sign_in(voter.email, PASSWORD)
    assert (refused.status, refused.refusal) == (403, "account-frozen")
    assert product.desk_phone in refused.text
    assert product.browser().sign_in(voter.email, OTHER_PASSWORD).status == 422
    assert stopping.get(str(notice.link)).step == stopping.submit(page).step == "ST-2"


@pytest.mark.needs("desk-mail")
def test_case_23_helpdesk_is_told_once_of_a_stopped_change(product: Product, voter: FictionalVoter) -> None:
    """CASE 23: the helpdesk gets one mail, which names the case but neither the voter nor a link."""
    case = str(product.set_password_by_link(voter).seen["MP-7"].case)
    notice = product.wait_for_mail(voter, CHANGED)

    stopping = product.browser()
    page = stopping.get(str(notice.link))

    for _ in range(2):
        assert stopping.submit(page).step == "ST-2"

    def mails_to_desk() -> list[str]:
        return [mail.text + mail.html for mail in product.messages(product.desk_mail) if case in mail.text]

    eventually(mails_to_desk, "a mail to the helpdesk")
    product.wait_until_all_messages_sent()
    (mail,) = mails_to_desk()
    assert voter.email not in mail
    assert str(notice.link).rpartition("/")[0] not in mail


def test_case_23_stop_link_cannot_be_made_or_altered(product: Product, voter: FictionalVoter) -> None:
    """CASE 23: a damaged or invented link freezes no account, and its page says that the voter should call the desk."""
    product.set_password_by_link(voter)
    link = str(product.wait_for_mail(voter, CHANGED).link)
    head, _, token = link.rpartition("/")
    altered = token[:50] + ("A" if token[50] != "A" else "B") + token[51:]

    for each in (
        altered,
        token[:-2],
        "xY3-" * (len(token) // 4),
        f"{token}.",
        product.wait_for_mail(voter, ASKED).token,
    ):
        browser = product.browser()
        page = browser.get(f"{head}/{each}")
        assert (page.status, page.refusal) == (404, "stop-link-unknown"), each
        assert product.desk_phone in page.text
        assert browser.post(product.browser().get(link).url).refusal == "stop-link-unknown"

    assert product.can_sign_in(voter, PASSWORD)
