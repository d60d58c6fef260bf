"""With the preset 2026, a request is confirmed in another browser, and the first browser moves on by itself."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from core.flows.identifier.confirmation_steps import ConfirmationSteps, ConfirmReissueAnswer
from core.flows.identifier.definition import IdentifierFlow, SecurityCodeAnswer
from core.policy.policy import PRESETS
from core.text.text import Language
from tests.e2e.test_accessible import SMALLEST, check
from tests.e2e.visitor import IDENTIFIER, PROFILE, PageVisitor, mail_of, new_page, set_password
from tests.support.axe import watched
from tests.support.product import LIGHT_HASHES_AND_NO_HELP, Demo
from tests.support.product import demo as running

PASSWORD = "Ancienne lavande 2018"


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
