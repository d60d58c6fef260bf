"""CASES 20 to 23: the new password, and the notice that follows it."""

from unicodedata import normalize

import pytest

from tests.support.product import NEITHER, SPACE, Demo, Voter, exchange

PASSWORD = "Nuage violet 2018"
REFUSED = {
    "": "Saisissez un nouveau mot de passe",
    "Ab3defg": "au moins 8",
    "Abcdefgh1jklmnopqrstuvwxy": "au plus 24",
    "NUAGE VIOLET 2018": "lettre minuscule",
    "nuage violet 2018": "lettre majuscule",
    "Nuage violet": "un chiffre",
    "Password1": "parmi les plus utilisés",
    "Nuage\x07violet 2018": "ne se voit pas",
}


def test_case_20_refused_password_keeps_the_link_usable_and_says_which_rule(product: Demo, voter: Voter) -> None:
    """CASE 20: each refusal says the rule that was broken, repeats no password, and the link goes on working."""
    browser = product.at_choice(voter)
    for password, rule in REFUSED.items():
        page = browser.choose(password)
        assert (page.status, page.step) == (422, "MP-6"), password
        assert rule in page.text, password
        assert not password or password not in page.body
    page = browser.choose(PASSWORD, again="Nuage violet 2019")
    assert "différentes" in page.text
    for personal in (f"x1{voter.last_name.upper()}X", f"a1A{voter.email.partition('.')[0]}", f"9{voter.first_name}Zz"):
        if len(personal) >= 8:
            assert "votre nom ou votre adresse" in browser.choose(personal[:24]).text, personal
    assert product.epoch(voter) == 0
    assert browser.choose(PASSWORD).step == "MP-7"


def test_case_21_composed_and_decomposed_forms_are_one_password(product: Demo, voter: Voter) -> None:
    """CASE 21: chosen in one Unicode form, typed again and used in the other."""
    composed = normalize("NFC", "Bel été à Évian 2018")
    decomposed = normalize("NFD", composed)
    assert composed != decomposed
    browser = product.at_choice(voter)
    assert browser.choose(decomposed, again=composed).step == "MP-7"
    assert product.browser().sign_in(voter.email, composed).step == "EV-1"
    assert product.browser().sign_in(voter.email, decomposed).step == "EV-1"


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_case_21_length_counts_what_is_seen(product: Demo, voter: Voter, form: str) -> None:
    """CASE 21: 24 characters with accents and spaces pass, in either form; 25 do not."""
    longest = "Un œuf dur, l'été, çà 18"
    assert len(longest) == 24
    browser = product.at_choice(voter)
    assert "au plus 24" in browser.choose(normalize(form, longest + "é")).text
    assert browser.choose(normalize(form, longest)).step == "MP-7"
    assert product.browser().sign_in(voter.email, longest).step == "EV-1"


def test_case_22_nobody_is_signed_in_by_a_reset(product: Demo, voter: Voter) -> None:
    """CASE 22: after the new password the voter space asks to sign in, and no session was opened."""
    browser = product.at_choice(voter)
    assert browser.choose(PASSWORD).step == "MP-7"
    assert "session" not in browser.held
    assert (browser.get(SPACE).status, browser.get(SPACE).refusal) == (403, "sign-in-needed")
    page = browser.post("/mot-de-passe/termine", {"choice": "sign-in"})
    assert page.step == "MP-2"
    assert browser.get(SPACE).refusal == "sign-in-needed"
    assert product.rows(
        "SELECT count(*) FROM sessions JOIN voters ON voters.id = sessions.voter WHERE email = ?", voter.email
    ) == [(0,)]


def test_case_23_notice_goes_out_with_the_way_to_stop_it(product: Demo, voter: Voter) -> None:
    """CASE 23: the notice holds no secret; its link shows on GET, freezes on POST, tells the desk, and can be repeated."""
    browser = product.at_choice(voter)
    link_mail = product.mail(voter.email)
    case = browser.choose(PASSWORD).case
    notice = product.mail(voter.email, count=2)
    assert PASSWORD.encode() not in notice.raw
    assert link_mail.token.encode() not in notice.raw
    assert "/pas-moi/" in notice.link
    assert notice.link in notice.part("html")
    inside = product.browser()
    assert inside.sign_in(voter.email, PASSWORD).step == "EV-1"
    stopping = product.browser()
    stopping.get(notice.link, method="HEAD")
    for _ in range(3):
        page = stopping.get(notice.link)
        assert (page.step, page.case) == ("ST-1", case)
        assert notice.token not in page.url
        assert notice.token not in page.body
    assert inside.get(SPACE).step == "EV-1"
    to_desk = len(product.mails("assistance@vote.example"))
    assert stopping.post(page.url).step == "ST-2"
    assert inside.get(SPACE).refusal == "sign-in-needed"
    refused = product.browser().sign_in(voter.email, PASSWORD)
    assert (refused.status, refused.refusal) == (403, "account-frozen")
    assert "01 99 00 12 34" in refused.text
    assert product.browser().sign_in(voter.email, "Renard roux 2019").status == 422
    desk = product.mail("assistance@vote.example", count=to_desk + 1)
    assert str(case) in desk.words
    assert voter.email.encode() not in desk.raw
    assert desk.link == NEITHER
    assert stopping.get(notice.link).step == "ST-2"
    assert stopping.post("/ce-n-etait-pas-moi/confirmer").step == "ST-2"
    product.settled()
    assert len(product.mails("assistance@vote.example")) == to_desk + 1


def test_case_23_stop_link_cannot_be_made_or_altered(product: Demo, voter: Voter) -> None:
    """CASE 23: a damaged or invented stop link freezes nobody, and says to call the desk."""
    product.give_password(voter, PASSWORD)
    token = product.mail(voter.email, count=2).token
    altered = token[:50] + ("A" if token[50] != "A" else "B") + token[51:]
    for each in (altered, token[:-2], "xY3-" * (len(token) // 4), f"{token}.", product.mail(voter.email).token):
        answer = exchange(product.site, "GET", f"/pas-moi/{each}")
        browser = product.browser()
        page = browser.get(f"/pas-moi/{each}")
        assert answer.status in {303, 404}
        assert (page.status, page.refusal) == (404, "stop-link-unknown"), each
        assert "01 99 00 12 34" in page.text
        assert browser.post("/ce-n-etait-pas-moi/confirmer").refusal == "stop-link-unknown"
    assert product.epoch(voter) == 1
