"""A voter gets a new identifier in Chromium, with the SMS that the demo's telephone receives and answers."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from core.flows.identifier.definition import SecurityCodeAnswer
from tests.e2e.visitor import IDENTIFIER, PATIENCE, PageVisitor, mail_of
from tests.support.product import Demo, DemoVoter, e164
from tests.support.product.site import IDENTIFIER as WRITTEN


@pytest.mark.parametrize("way", ["typed", "answered"])
def test_the_whole_way(demo: Demo, visitor: PageVisitor, with_password: Callable[[DemoVoter], str], way: str) -> None:
    """Every step equals its definition. The code is typed, or sent by SMS, after which the page moves on by itself."""
    number = e164(visitor.person.phone)
    visitor.can_sign_in(with_password(visitor.person))
    visitor.asks_for_an_identifier()
    case = visitor.case or ""
    code = visitor.reads_the_code()

    if way == "typed":
        visitor.does(IDENTIFIER.code, SecurityCodeAnswer, {"code": code})
    else:
        demo.answer(number, f"mon code : {code}")
    visitor.waits_for(IDENTIFIER.done)
    expect(visitor.page.get_by_text("Votre téléphone a reçu le SMS.").first).to_be_visible(timeout=PATIENCE)

    codes, identifier = demo.texts(number)[0], demo.texts(number)[-1]
    assert code in codes.text
    assert WRITTEN.search(identifier.text)
    assert visitor.person.email not in visitor.text("body")
    assert "/pas-moi/" in mail_of(demo, visitor.person, IDENTIFIER.notice).link
    acts = demo.events(case)
    assert ("code-accepted", {"typed": "page", "answered": "sms"}[way]) in acts
    assert [reason for act, reason in acts if act == "sms-reported"].count("identifier delivered") == 1
