"""CASES 24 to 27 and 29 to 31: a voter types a security code and gets a new voting identifier."""

import re

import pytest

from tests.conformance.html_page import HtmlPage
from tests.conformance.identifier_walk import IdentifierWalk, new_identifier_walk, walker_at_code
from tests.conformance.product import SPACE, Product
from tests.conformance.raw_http import send_all_at_once
from tests.conformance.waiting import eventually

pytestmark = pytest.mark.needs("identifier")
CLIENTS = 32
CROWD = 8
REISSUES = 3
MAILS_OF_A_LOSS = 2
SENT = {"ID-4", "ID-5"}
LEFT = re.compile(r"(\d) essai")


def test_case_26_code_is_read_however_it_is_written(walker: IdentifierWalk) -> None:
    """CASE 26: codes with spaces, dashes and full-width digits are accepted."""
    code = walker.wait_for_code()
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code[3:])

    page = walker.browser.submit(walker.current_page, {"code": f" {code[:2]}-{code[2:3]} {wide}\t"})

    assert page.step in SENT


@pytest.mark.needs("replies")
def test_code_answered_by_sms_moves_the_page_on_by_itself(walker: IdentifierWalk) -> None:
    """If the voter sends the code back by SMS, the page moves on by itself, and the identifier arrives."""
    code = walker.wait_for_code()

    walker.reply_by_sms(f"voici : {code[:3]} {code[3:]}")

    assert walker.wait_for_next_step(walker.current_page).step in SENT
    assert eventually(walker.identifiers, "an identifier")


def test_case_27_code_of_another_case_is_refused(product: Product, walker: IdentifierWalk) -> None:
    """CASE 27: a code of one voter does not work for another voter."""
    other = walker_at_code(product)
    while other.wait_for_code() == walker.wait_for_code():
        other = walker_at_code(product)

    page = walker.browser.submit(walker.current_page, {"code": other.wait_for_code()})

    assert (page.status, page.step) == (422, "ID-3")
    assert walker.browser.submit(page, {"code": walker.wait_for_code()}).step in SENT


@pytest.mark.needs("replies")
def test_case_24_wrong_codes_share_their_count_by_page_and_by_sms(walker: IdentifierWalk) -> None:
    """CASE 24: wrong codes by SMS and wrong codes on the page are counted together."""
    wrong = walker.wrong_code()
    walker.reply_by_sms(wrong)
    eventually(lambda: LEFT.findall(walker.browser.get(walker.current_page.url).text) == ["4"], "a try that is counted")

    page = walker.browser.submit(walker.current_page, {"code": wrong})

    assert (page.status, LEFT.findall(page.text)[-1:]) == (422, ["3"])


def test_case_24_parallel_guesses_share_the_count_and_close_the_case(product: Product, walker: IdentifierWalk) -> None:
    """CASE 24: of 32 wrong codes sent at once, five are checked. Then even the right code is refused for some time."""
    right, wanted = int(walker.wait_for_code()), {"choice": "new-identifier"}
    opened = walker.browser.submit(walker.browser.get("/espace/accueil"), wanted)
    guesses = [f"{(right + number) % 10**6:06d}" for number in range(1, CLIENTS + 1)]

    answers = send_all_at_once(
        product.url, [walker.browser.prepare_request(walker.current_page, {"code": guess}) for guess in guesses]
    )

    left = [LEFT.findall(answer.text)[0] for answer in answers if answer.status == 422]
    assert sorted(left) == ["1", "2", "3", "4"]
    assert [answer.refusal for answer in answers if answer.status == 429] == ["too-many-codes"]
    assert walker.browser.submit(walker.current_page, {"code": walker.wait_for_code()}).step not in SENT
    assert walker.browser.submit(opened, {"choice": "request"}).refusal == "too-many-codes"
    assert walker.browser.get("/espace/accueil").find_form(wanted) is None, "no button leads to a refusal"
    assert walker.identifiers() == []


def test_case_25_starting_again_does_not_refill_the_tries(walker: IdentifierWalk) -> None:
    """CASE 25: a wrong code also leaves fewer attempts in the voter's next case."""
    wrong = walker.browser.submit(walker.current_page, {"code": walker.wrong_code()})
    assert (wrong.status, LEFT.findall(wrong.text)[0]) == (422, "4")

    again = walker.begin_anew()

    assert LEFT.findall(again.text)[0] == "4"


def test_case_25_a_right_code_does_not_refill_the_tries(walker: IdentifierWalk) -> None:
    """CASE 25: a wrong code also counts in the voter's next case, even if the right code was typed after it."""
    walker.browser.submit(walker.current_page, {"code": walker.wrong_code()})
    walker.go_to_step("ID-5", walker.browser.get(walker.current_page.url))

    again = walker.begin_anew()

    assert LEFT.findall(again.text)[0] == "4"
    wrong = f"{(int(walker.wait_for_code(count=2)) + 1) % 10**6:06d}"
    page = walker.browser.submit(again, {"code": wrong})
    assert (page.status, LEFT.findall(page.text)[0]) == (422, "3")


def test_case_31_wrong_birth_date_and_wrong_numen_are_one_refusal(walker: IdentifierWalk) -> None:
    """CASE 31: the page does not say whether the birth date or the NUMEN was wrong.

    After five attempts, even right values must wait, and no code is sent.
    """
    walker.wait_for_code()
    walker.pages.clear()
    identity = walker.go_to_step("ID-2", walker.browser.get(SPACE))
    birth, numen = {"birth_date-year": "1931"}, {"numen": "11A1111111AAA"}

    wrong = [identity]
    for mistyped in (birth, numen, birth | numen, birth, numen):  # each on the page that refused the one before
        wrong.append(walker.identify(wrong[-1], **mistyped))
    del wrong[0]

    assert [(page.status, page.step) for page in wrong] == [(422, "ID-2")] * 5
    assert len({LEFT.sub("N essai", page.text) for page in wrong[:3]}) == 1
    late = walker.identify(identity)
    assert (late.status, late.refusal) == (429, "too-many-matchings")
    assert len(walker.codes()) == 1


def test_case_29_thirty_two_tabs_of_one_voter_get_three_identifiers(product: Product) -> None:
    """CASE 29: if 32 tabs submit each step at once until all are refused, the voter gets three identifiers."""
    way = new_identifier_walk(product)
    begin = way.go_to_step("ID-1")

    for number in range(1, REISSUES + 1):
        assert eventually(lambda: request_identifier_in_tab(way, begin), "the end of what is under way").step == "ID-2"
        reissue_in_tabs(way, begin, number)

    assert eventually(lambda: request_identifier_in_tab(way, begin), "the end of the last").refusal == "no-reissue-left"
    last = send_all_at_once(product.url, [way.browser.prepare_request(begin, {"choice": "request"})] * CLIENTS)
    assert {answer.refusal for answer in last} == {"no-reissue-left"}
    identifiers = eventually(lambda: way.identifiers() if len(way.identifiers()) >= REISSUES else None, "identifiers")
    assert len(identifiers) == len(set(identifiers)) == REISSUES


def request_identifier_in_tab(way: IdentifierWalk, begin: HtmlPage) -> HtmlPage | None:
    """Request an identifier. Returns the page, or None while another identifier is still being sent."""
    page = way.browser.submit(begin, {"choice": "request"})
    return page if page.step == "ID-2" or page.refusal == "no-reissue-left" else None


def reissue_in_tabs(way: IdentifierWalk, begin: HtmlPage, number: int) -> None:
    """Request one identifier with all tabs. Each step is submitted in all tabs at once.

    `number` says which code to wait for. At the end the code is sent again while some tabs begin again. No tab begins
    again before the code was typed, because it would open another case, whose code waits for the pause after the first
    code.
    """
    url, browser = way.product.url, way.browser
    anew = browser.prepare_request(begin, {"choice": "request"})
    send_all_at_once(url, [anew] * CLIENTS)
    identity = browser.submit(begin, {"choice": "request"})
    send_all_at_once(url, [browser.prepare_request(identity, way.voter.identity(way.phone))] * (CLIENTS // 4))
    given = browser.prepare_request(browser.get(identity.url), {"code": way.wait_for_code(count=number)})

    send_all_at_once(url, [given] * CLIENTS)
    send_all_at_once(url, [given, anew] * (CLIENTS // 2))


def test_case_30_one_phone_serves_one_voter(product: Product) -> None:
    """CASE 30: if eight voters type codes for one telephone number at once, one of them gets an identifier.

    The others lose nothing.
    """
    phone = product.new_phone()
    crowd = [walker_at_code(product, phone) for _ in range(CROWD)]
    codes = [way.wait_for_code(count=number) for number, way in enumerate(crowd, 1)]
    requests = [
        way.browser.prepare_request(way.current_page, {"code": code}) for way, code in zip(crowd, codes, strict=True)
    ]
    if product.replies:
        crowd[0].reply_by_sms(codes[0])

    answers = send_all_at_once(product.url, requests * (CLIENTS // CROWD))

    assert {answer.refusal for answer in answers} == {None, "phone-taken"}
    served = [way for way in crowd if way.browser.get(way.current_page.url).step in SENT]
    assert len(served) == len(eventually(crowd[0].identifiers, "the one identifier")) == 1
    other = next(way for way in crowd if way not in served)
    other.phone = product.new_phone()
    assert other.go_to_step("ID-5", other.browser.get(SPACE)).case is not None
    assert len(other.identifiers()) == len(served[0].identifiers()) == 1


@pytest.mark.needs("failing-phones")
def test_identifier_that_stays_undelivered_is_told_and_may_be_asked_again(product: Product) -> None:
    """If the SMS with the identifier is not delivered, the page and a mail say so, and the re-issue does not count."""
    way = walker_at_code(product, product.new_phone(product.switched_off))
    way.browser.submit(way.current_page, {"code": way.wait_for_code()})

    assert eventually(lambda: way.browser.get(way.current_page.url).step == "ID-6", "the step of what is lost")
    eventually(
        lambda: len(product.mails(way.voter, "ID")) == MAILS_OF_A_LOSS, "a mail of the request, and one of its failure"
    )
    assert {message.status for message in product.messages(way.phone)} == {"undelivered"}
    for _ in range(REISSUES):
        way.phone = product.new_phone()
        assert way.go_to_step("ID-5", way.browser.get(SPACE)).case is not None


@pytest.mark.needs("failing-phones")
def test_number_that_the_operator_refuses_may_be_changed(product: Product) -> None:
    """If the operator rejects the SMS, the page still allows the voter to change the number."""
    way = walker_at_code(product, product.new_phone(product.barred))

    eventually(lambda: [message.status for message in product.messages(way.phone)] == ["rejected"], "a refusal")

    page = way.browser.get(way.current_page.url)
    assert page.step == "ID-3"
    assert way.browser.submit(page, {"choice": "other-number"}).step == "ID-2"


@pytest.mark.needs("failing-phones")
@pytest.mark.needs("calls")
def test_code_whose_sms_failed_is_read_aloud_by_a_call(product: Product) -> None:
    """If the SMS cannot be delivered, a call to the same telephone says the same code twice, with its digits apart."""
    way = walker_at_code(product, product.new_phone(product.barred))
    call, code = {"choice": "call"}, way.wait_for_code()

    def offered() -> HtmlPage | None:
        page = way.browser.get(way.current_page.url)
        return page if page.find_form(call) else None

    assert way.browser.submit(eventually(offered, "a button for a call"), call).step == "ID-3"
    spoken = eventually(lambda: [each for each in product.messages(way.phone) if each.channel == "call"], "a call")[0]

    assert spoken.text.count(", ".join(code)) == 2
    assert code not in spoken.text
    assert way.browser.submit(way.browser.get(way.current_page.url), {"code": code}).step in {*SENT, "ID-6"}
    assert all(each.channel != "call" or each.id == spoken.id for each in product.messages(way.phone))
