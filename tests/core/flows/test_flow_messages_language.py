"""Tests of the language of mails and SMS: the language of the voter's last page."""

from dataclasses import replace

import msgspec
import pytest

from core.flows.identifier.definition import IdentifierFlow
from core.flows.identifier.plugin import IdentifierFlowPlugin
from core.flows.password.mail_texts import LINK_SUBJECT
from core.forms.flow_model import AwaitMessageStep
from core.policy.policy import Policy
from core.text.text import Language
from core.text.translation import translate
from tests.gallery import around
from tests.support.election import CAMILLE, GOOD, STRANGER, visit
from tests.support.reissues import CODE_SMS, IDENTIFIER_SMS, Reissuer, identity, line
from tests.support.stores import KeptStore
from tests.support.worlds import World, world
from webhook.step_rendering import draw_step

IN_ENGLISH = {
    "link": "Your link to choose a password",
    "code": "Security code:",
    "identifier": "New voting identifier:",
}


@pytest.fixture
def confirming(sql_kept: KeptStore) -> World:
    """An election that requires a confirmation in the mailbox."""
    return world(sql_kept, policy=replace(Policy(), confirm_in_mailbox=True))


@pytest.mark.parametrize("page", Language)
def test_what_a_page_asks_for_comes_in_its_language(confirming: World, page: Language) -> None:
    """Links, codes and notices come in the language of the voter's last page, not in the language of the roll."""
    roll = Language.FRENCH if page is Language.ENGLISH else Language.ENGLISH
    confirming.add(line(confirming, CAMILLE, language=roll))
    confirming.ask(CAMILLE, language=page)
    confirming.courier().run_once()
    confirming.links.choose_password(confirming.post.links(CAMILLE)[-1], GOOD)
    voter = Reissuer(confirming)
    voter.sign_in().request()
    here = msgspec.structs.replace(visit(session=voter.session), language=page)
    confirming.at(_steps(confirming).identity, "validate", here, **identity(CAMILLE))
    voter.type(voter.code())
    confirming.courier().run_once()
    link = visit(confirmation=confirming.post.confirmations(CAMILLE)[-1])
    confirmation = _steps(confirming).confirmation
    assert confirmation is not None
    confirming.at(confirmation.confirm, "confirm", link)
    confirming.courier().run_once()

    told = [str(mail.parsed["Content-Language"]) for mail in confirming.post.to(CAMILLE)]
    assert told == [page] * 4
    sms = [voter.sms(kind)[-1].text for kind in (CODE_SMS, IDENTIFIER_SMS)]
    english = [IN_ENGLISH[name] in text for name, text in zip(("code", "identifier"), sms, strict=True)]
    assert english == [page is Language.ENGLISH] * 2


@pytest.mark.parametrize("email", [CAMILLE, STRANGER])
def test_the_waiting_page_names_the_subject_that_arrives(confirming: World, email: str) -> None:
    """The page shows the subject of the mail in the language in which the mail is sent."""
    confirming.add(line(confirming, CAMILLE, language=Language.FRENCH))
    shown = confirming.waiting(confirming.ask(email, language=Language.ENGLISH))
    confirming.courier().run_once()
    assert isinstance(shown.step, AwaitMessageStep)

    drawn = draw_step(shown, around(language=Language.FRENCH))

    assert f'<b lang="en">{translate(LINK_SUBJECT, Language.ENGLISH)}</b>' in drawn
    arrived = [str(mail.parsed["Subject"]) for mail in confirming.post.to(email)]
    assert arrived == ([IN_ENGLISH["link"]] if email == CAMILLE else [])


def _steps(played: World) -> IdentifierFlow:
    return played.services.flows[IdentifierFlowPlugin].steps
