"""With the preset 2026, a request is confirmed in the mailbox, from another browser or by HTTP alone."""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from core.flows.identifier.confirmation_steps import ConfirmationSteps, ConfirmReissueAnswer
from core.flows.identifier.definition import IdentifierFlow, SecurityCodeAnswer
from core.policy.policy import PRESETS
from core.text.text import Language
from tests.conformance.identifier_walk import IdentifierWalk, new_identifier_walk
from tests.conformance.product import TO_CONFIRM, ReceivedMessage
from tests.conformance.product import Product as BlackBox
from tests.conformance.raw_http import send_all_at_once
from tests.conformance.waiting import eventually
from tests.e2e.test_accessible import SMALLEST, check
from tests.e2e.visitor import IDENTIFIER, PROFILE, PageVisitor, mail_of, new_page, set_password
from tests.support.axe import watched
from tests.support.product import LIGHT_HASHES_AND_NO_HELP, Demo
from tests.support.product import demo as running

PASSWORD = "Ancienne lavande 2018"
CROWD = 32
OPENINGS = 20
SENT = {"ID-4", "ID-5"}
SECONDS_WITHOUT = 2
"""Number of seconds in which no identifier may come. An identifier normally needs a tenth of this time."""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Run the product with the preset 2026."""
    folder = tmp_path_factory.mktemp("confirmation") / "demo"
    preset = {"RETROUVE_POLICY__PRESET": "2026"}
    with running(folder, "--no-throttle", variables=preset, command=LIGHT_HASHES_AND_NO_HELP) as started:
        yield started


def the_steps() -> ConfirmationSteps:
    """Return the definition of the flow."""
    steps = IdentifierFlow(PRESETS["2026"]).confirmation
    assert steps is not None
    return steps


def test_another_browser_confirms_and_the_first_moves_on(demo: Demo, browser: Browser) -> None:
    """Every page equals its definition, has no fault for axe, and fits the smallest phone."""
    steps, person = the_steps(), demo.take_unused_voter()
    context = watched(browser.new_context(**{**PROFILE, "viewport": SMALLEST, "reduced_motion": "reduce"}))
    elsewhere = watched(browser.new_context(**{**PROFILE, "viewport": SMALLEST, "reduced_motion": "reduce"}))
    set_password(demo, person, PASSWORD)
    first = PageVisitor(demo, new_page(context), person, Language.FRENCH)
    first.can_sign_in(PASSWORD)
    first.asks_for_an_identifier(IdentifierFlow(PRESETS["2026"]))
    first.does(IDENTIFIER.code, SecurityCodeAnswer, {"code": first.reads_the_code()})
    first.sees(steps.asked)
    check(first.page, steps.asked.code)
    second = first.alone(new_page(elsewhere))

    second.goes(mail_of(demo, person, steps.mail.message).link)
    second.sees(steps.confirm)
    check(second.page, steps.confirm.code)
    assert "/confirmer/" not in second.page.url
    second.does(steps.confirm, ConfirmReissueAnswer)

    second.sees(steps.confirmed)
    check(second.page, steps.confirmed.code)
    first.waits_for(IDENTIFIER.done)
    for each in (context, elsewhere):
        each.close()


# ── By HTTP, mail and SMS alone ──────────────────────────────────────────────────────────────────────────


@pytest.fixture(name="product")
def black_box(demo: Demo) -> BlackBox:
    """Return the same demo as the conformance cases describe a product."""
    return BlackBox(url=demo.site)


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


def test_without_a_post_in_the_mailbox_there_is_no_identifier(product: BlackBox, demo: Demo) -> None:
    """Opening the link twenty times with GET and HEAD confirms nothing, and is recorded once."""
    made, mail = at_confirmation(product)
    for _ in range(OPENINGS):
        for method in ("GET", "HEAD"):
            assert product.browser().get(str(mail.link), method=method).status == 200

    nothing_comes(made)

    assert made.current_page.case is not None
    acts = [act for act, _ in demo.events(made.current_page.case)]
    assert acts.count("link-opened") == 1
    assert "reissue-confirmed" not in acts
    assert demo.rows('SELECT count(*) FROM reissues WHERE "case" = ?', made.current_page.case) == [(0,)]


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


def test_thirty_two_confirmations_in_one_instant_are_one(product: BlackBox, demo: Demo) -> None:
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
    demo.settled()
    assert len(made.identifiers()) == 1
    assert [act for act, _ in demo.events(str(page.case))].count("reissue-confirmed") == 1
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
