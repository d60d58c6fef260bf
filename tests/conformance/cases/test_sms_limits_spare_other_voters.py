"""CASE 49: one voter who uses up the SMS limits does not prevent others from getting a code."""

import pytest

from tests.conformance.identifier_walk import IdentifierWalk, new_identifier_walk, walker_at_code
from tests.conformance.product import SPACE, Product

pytestmark = pytest.mark.needs("identifier")
NUMBERS, TIMES = 60, 15
FEW = 3
"""Maximum number of codes for one voter in the first minutes.

It is the first code, and the codes that were requested before the first pause was over.
"""
LONGEST_WAIT = 24 * 60 * 60


def ask_for_code(way: IdentifierWalk, phone: str, *, first: bool = False) -> str | None:
    """Request a code for a telephone number, and then give up the number.

    The first number is given up only after its SMS has arrived. Returns the refusal, if any.
    """
    way.phone = phone
    page = way.identify(way.current_page)
    if page.refusal is not None:
        assert page.status == 429
        assert 0 < int(str(page.header("Retry-After"))) <= LONGEST_WAIT
        return page.refusal
    assert page.step == "ID-3"
    if first:
        way.wait_for_code()  # a number that is given up before its SMS leaves gets none
    way.pages.append(way.browser.submit(page, {"choice": "other-number"}))
    return None


def test_case_49_sixty_numbers_get_three_codes_an_hour(product: Product) -> None:
    """CASE 49: a voter can use three numbers in an hour, and another voter still gets a code at once."""
    way, phones = new_identifier_walk(product), [product.new_phone() for _ in range(NUMBERS)]
    way.go_to_step("ID-2")

    refusals = [ask_for_code(way, phone, first=phone == phones[0]) for phone in phones]

    other = walker_at_code(product)
    assert other.wait_for_code()
    assert refusals[0] is None
    assert set(refusals[FEW:]) == {"too-many-numbers"}
    assert 1 <= sum(len(product.messages(phone)) for phone in phones) <= FEW


def test_case_49_one_number_fifteen_times_stays_free_for_another_voter(product: Product) -> None:
    """CASE 49: new cases, other browsers and "other number" do not lift a voter's limit.

    The owner of the number still gets a code at once.
    """
    way, phone = new_identifier_walk(product), product.new_phone()
    way.go_to_step("ID-2")

    refusals = []
    for number in range(TIMES):
        refusals.append(ask_for_code(way, phone, first=number == 0))
        if number % 3 == 1:
            way.browser = product.browser()
            way.go_to_step("ID-2")
        elif number % 3 == 2:
            way.go_to_step("ID-2", way.browser.get(SPACE))

    assert refusals[0] is None
    assert refusals[-1] == "sms-voter-spent"
    before = len(way.codes())
    assert 1 <= before <= FEW
    owner = walker_at_code(product, phone)
    assert owner.wait_for_code(count=before + 1)


@pytest.mark.parametrize("mistyped", [{}, {"numen": "11A1111111AAA"}, {"birth_date-year": "1931"}])
def test_case_49_budgets_tell_nothing_of_the_identity(product: Product, mistyped: dict[str, str]) -> None:
    """CASE 49: after three numbers, right and wrong identities are refused in the same way, without a check."""
    way = new_identifier_walk(product)
    identity = way.go_to_step("ID-2")
    for _ in range(3):
        way.phone = product.new_phone()
        page = way.identify(identity, **mistyped)
        if page.step == "ID-3":
            way.browser.submit(page, {"choice": "other-number"})

    way.phone = product.new_phone()
    refused = [way.identify(identity, **typed) for typed in ({}, mistyped)]

    assert [(page.status, page.refusal) for page in refused] == [(429, "too-many-numbers")] * 2
