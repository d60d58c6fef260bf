"""With the preset 2026, a request is confirmed in the mailbox.

The tests use the running product only by HTTP, mail and SMS.
"""

import time
from collections.abc import Iterator

import pytest

from tests.conformance.identifier_walk import IdentifierWalk, new_identifier_walk
from tests.conformance.product import TO_CONFIRM, ReceivedMessage
from tests.conformance.product import Product as BlackBox
from tests.conformance.raw_http import send_all_at_once
from tests.conformance.waiting import eventually
from tests.support.product import LIGHT_HASHES_AND_NO_HELP, Demo, demo

PRESET = {"RETROUVE_POLICY__PRESET": "2026"}
CROWD = 32
OPENINGS = 20
SENT = {"ID-4", "ID-5"}
SECONDS_WITHOUT = 2
"""Number of seconds in which no identifier may come. An identifier normally needs a tenth of this time."""


@pytest.fixture(scope="module")
def confirming(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Run the demo with the preset 2026."""
    folder = tmp_path_factory.mktemp("confirming") / "demo"
    with demo(folder, "--no-throttle", variables=PRESET, command=LIGHT_HASHES_AND_NO_HELP) as running:
        yield running


@pytest.fixture(name="product")
def black_box(confirming: Demo) -> BlackBox:
    """Return the same demo as the conformance cases describe a product."""
    return BlackBox(url=confirming.site)


def at_confirmation(product: BlackBox) -> tuple[IdentifierWalk, ReceivedMessage]:
    """Return a voter who waits for the confirmation at ID-7, and the confirmation mail."""
    made = new_identifier_walk(product)
    made.go_to_step("ID-7")
    return made, product.wait_for_mail(made.voter, TO_CONFIRM)


def nothing_comes(made: IdentifierWalk) -> None:
    """Check for a while that no identifier comes and that the page stays the same."""
    time.sleep(SECONDS_WITHOUT)
    assert made.identifiers() == []
    assert made.browser.get(made.current_page.url).step == "ID-7"


def test_without_a_post_in_the_mailbox_there_is_no_identifier(product: BlackBox, confirming: Demo) -> None:
    """Opening the link twenty times with GET and HEAD confirms nothing, and is recorded once."""
    made, mail = at_confirmation(product)
    for _ in range(OPENINGS):
        for method in ("GET", "HEAD"):
            assert product.browser().get(str(mail.link), method=method).status == 200

    nothing_comes(made)

    assert made.current_page.case is not None
    acts = [act for act, _ in confirming.events(made.current_page.case)]
    assert acts.count("link-opened") == 1
    assert "reissue-confirmed" not in acts
    assert confirming.rows('SELECT count(*) FROM reissues WHERE "case" = ?', made.current_page.case) == [(0,)]


def test_the_token_leaves_the_address_at_once_and_no_page_shows_it(product: BlackBox) -> None:
    """The first GET stores the token in a sealed cookie, and browsers do not send it as Referer."""
    made, mail = at_confirmation(product)
    browser = product.browser()

    first = browser.get(str(mail.link), follow=False)
    page = browser.get(str(first.header("Location")))

    assert first.status == 303
    assert mail.token not in str(first.headers)
    assert first.header("Referrer-Policy") == "no-referrer"
    assert page.step == "ID-9"
    assert mail.token not in page.body
    assert page.header("Cache-Control") == "no-store"
    assert f"finit par {made.phone[-2:]}" in page.text
    assert made.voter.email not in page.text


def test_thirty_two_confirmations_in_one_instant_are_one(product: BlackBox, confirming: Demo) -> None:
    """If the button is pressed 32 times at once, each page says that the request is confirmed.

    The browser with the request moves on by itself.
    """
    made, mail = at_confirmation(product)
    elsewhere = product.browser()
    page = elsewhere.get(str(mail.link))
    request = elsewhere.prepare_request(page)

    answers = send_all_at_once(product.url, [request] * CROWD)

    assert {(answer.status, answer.header("Location")) for answer in answers} == {(303, "/identifiant/confirme")}
    assert elsewhere.get("/identifiant/confirme").step == "ID-10"
    assert made.wait_for_next_step(made.current_page).step in SENT
    eventually(made.identifiers, "an identifier")
    confirming.settled()
    assert len(made.identifiers()) == 1
    assert [act for act, _ in confirming.events(str(page.case))].count("reissue-confirmed") == 1
    again = product.browser().get(str(mail.link))
    assert (again.status, again.refusal) == (410, "confirmation-used")


def test_a_post_of_another_site_confirms_nothing(product: BlackBox) -> None:
    """A form from another site cannot confirm a request."""
    made, mail = at_confirmation(product)
    browser = product.browser()
    page = browser.get(str(mail.link))

    refused = browser.post(page.url, headers={"Origin": "https://elsewhere.example"})

    assert (refused.status, refused.refusal) == (403, "came-from-elsewhere")
    nothing_comes(made)
