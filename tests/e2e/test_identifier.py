"""ID walked in Chromium while Kannel carries the SMS, both ways."""

from collections.abc import Callable

import pytest

from core.flows.identifier import CodeTyped
from core.flows.space import IdentifierLost
from tests.e2e.visitor import IDENTIFIER, SPACE, Visitor, mail_of
from tests.support.product import Demo, Voter, e164, eventually
from tests.support.product.reissuing import IDENTIFIER as WRITTEN


@pytest.mark.parametrize("way", ["typed", "answered"])
def test_the_whole_way(demo: Demo, visitor: Visitor, with_password: Callable[[Voter], str], way: str) -> None:
    """Every step as it is defined; the code is typed, or answered by SMS, and then the page moves on by itself, to its end."""
    number = e164(visitor.person.phone)
    visitor.signs_in(with_password(visitor.person))
    visitor.asks_for_an_identifier()
    case = visitor.case or ""
    code = visitor.reads_the_code()

    if way == "typed":
        visitor.does(IDENTIFIER.code, CodeTyped, {"code": code})
    else:
        demo.answer(number, f"mon code : {code}")
    visitor.waits_for(IDENTIFIER.done)
    eventually(lambda: visitor.page.get_by_text("Votre téléphone a reçu le SMS.").count(), "the operator's word")

    codes, identifier = demo.texts(number)[0], demo.texts(number)[-1]
    assert code in codes.text
    assert WRITTEN.search(identifier.text)
    assert identifier.report_to is None, "it came by HTTP, not by the operator behind Kannel"
    assert visitor.person.email not in visitor.text("body")
    assert "/pas-moi/" in mail_of(demo, visitor.person, IDENTIFIER.notice).link
    acts = demo.events(case)
    assert ("code-accepted", {"typed": "page", "answered": "sms"}[way]) in acts
    assert [reason for act, reason in acts if act == "sms-reported"].count("identifier delivered") == 1


def test_what_is_left_is_told_before_one_asks_again(visitor: Visitor, with_password: Callable[[Voter], str]) -> None:
    """Two of three, after one."""
    visitor.signs_in(with_password(visitor.person))
    visitor.asks_for_an_identifier()
    visitor.does(IDENTIFIER.code, CodeTyped, {"code": visitor.reads_the_code()})
    visitor.waits_for(IDENTIFIER.done)

    visitor.goes("/espace/accueil")
    visitor.does(SPACE.home, IdentifierLost)

    visitor.sees(IDENTIFIER.begin)
    assert "2 demandes sur 3" in visitor.text("main")
