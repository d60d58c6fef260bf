"""The contract for black-box checks: the steps, their forms and fields, the case number, and the messages."""

from datetime import datetime

import pytest

from tests.conformance.identifier_walk import IdentifierWalk, new_identifier_walk
from tests.conformance.product import ASKED, CHANGED, FictionalVoter, Product
from tests.conformance.waiting import eventually

MESSAGE = {"id", "channel", "to", "subject", "text", "html", "at", "status"}
PASSWORD_STEPS = ["MP-1", "MP-2", "MP-3", "MP-4", "MP-6", "MP-7"]
IDENTIFIER_STEPS = ["MP-1", "MP-2", "EV-1", "ID-1", "ID-2", "ID-3", "ID-5"]


def step_codes_on_the_way(way: IdentifierWalk) -> list[str | None]:
    """Return the step codes of the pages that a voter has visited. Leaves out the step that waits for an SMS."""
    return [page.step for page in way.pages if page.step != "ID-4"]


def test_forgotten_password_is_walked_by_forms_alone(product: Product) -> None:
    """Each page from MP-1 to MP-7 has its step and form. After the request, all pages have the same case number."""
    way = new_identifier_walk(product)

    way.go_to_step("MP-7")

    assert step_codes_on_the_way(way) == PASSWORD_STEPS
    cases = {page.step: page.case for page in way.pages}
    assert cases["MP-4"] is not None
    assert {cases[step] for step in ("MP-4", "MP-6", "MP-7")} == {cases["MP-4"]}
    assert {mail.step for mail in product.mails(way.voter)} <= {ASKED, CHANGED}


@pytest.mark.needs("identifier")
def test_new_identifier_is_walked_by_forms_alone(product: Product) -> None:
    """A voter signs in and gets an identifier. All pages from ID-2 to ID-5 have the same case number."""
    way = new_identifier_walk(product)
    way.go_to_step("MP-7")

    way.pages.clear()
    way.has_password = True
    way.go_to_step("ID-5")

    assert step_codes_on_the_way(way) == IDENTIFIER_STEPS
    cases = {page.case for page in way.pages if page.step in {"ID-2", "ID-3", "ID-4", "ID-5"}}
    assert len(cases - {None}) == len(cases) == 1


def test_first_page_is_mp_1_and_asks_for_the_address_alone(product: Product) -> None:
    """GET / is MP-1 without a redirect, and its first form has one text field."""
    page = product.browser().get("/", follow=False)

    assert (page.status, page.step) == (200, "MP-1")
    assert "email" in page.forms[0].inputs
    assert not {"password", "new_password"} & set(page.forms[0].inputs)


def test_second_page_offers_both_ways(product: Product, voter: FictionalVoter) -> None:
    """MP-2 has a form for the password and a button for a forgotten password."""
    page = product.browser().go_to_sign_in_step(voter.email)

    assert page.step == "MP-2"
    assert page.form({"password": "x", "choice": "sign-in"}) is not page.form({"choice": "forgotten"})


def test_password_managers_find_the_first_step(product: Product) -> None:
    """/.well-known/change-password leads to MP-1."""
    assert product.browser().get("/.well-known/change-password").step == "MP-1"


def test_messages_of_an_address_come_newest_first(product: Product, voter: FictionalVoter) -> None:
    """The mailbox lists the mails to one address, newest first, with the promised fields."""
    first, second = product.request_link(voter), product.request_link(voter)

    mails = product.messages(voter.email)

    assert [mail.link for mail in mails] == [first, second]
    assert {(mail.channel, mail.to) for mail in mails} == {("mail", voter.email)}
    assert all(datetime.fromisoformat(mail.at).tzinfo is not None for mail in mails)


@pytest.mark.needs("identifier")
def test_messages_of_a_telephone_have_their_true_status(product: Product) -> None:
    """The SMS of a telephone are found by its national number, and both are listed as delivered."""
    way = new_identifier_walk(product)
    way.phone = way.voter.phone
    way.go_to_step("ID-5")

    statuses = eventually(
        lambda: [each.status for each in product.messages(way.phone)] == ["delivered"] * 2, "two deliveries"
    )

    assert statuses
    assert {each.channel for each in product.messages(way.phone)} == {"sms"}
    assert way.identifiers()[0] in product.messages(way.phone)[-1].text


def test_voters_are_listed_with_what_a_caller_knows(product: Product) -> None:
    """Each voter has a unique address, a birth date, a NUMEN and a telephone."""
    assert len({voter.email for voter in product.all_voters}) == len(product.all_voters)
    assert all(voter.birth_date and voter.numen and voter.phone for voter in product.all_voters)
