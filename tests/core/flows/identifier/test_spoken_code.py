"""Tests of the call that reads a security code aloud: when it may be asked for, and what it counts as."""

from dataclasses import replace

import pytest

from core.delivery.sms_gateway_callbacks import report_tag
from core.flows.identifier.current_step import CODE_BY_CALL
from core.flows.identifier.plugin import IdentifierFlowPlugin
from core.forms.flow_model import CALL, actions_not_possible_yet, later_action_sentences
from core.policy.policy import Policy
from core.ports import SendRefused, SmsDeliveryStatus
from core.text.faces.awaited_message_sentences import SAY_CALL_FAILED, SAY_LAST_SENDING_FAILED, SAY_UNDELIVERED
from core.text.text import Language, Text
from core.text.translation import translate
from tests.support.desk import signed_in_agent
from tests.support.reissues import CODE_SMS, E164, Reissuer, reissuer
from tests.support.stores import KeptStore
from tests.support.worlds import World
from tests.support.worlds import world as world_of

CALLING = Policy(code_call_after_seconds=120)
CALL_SMS = "call"


@pytest.fixture
def camille(kept: KeptStore) -> Reissuer:
    """A voter at ID-3, to whom an SMS with a code was sent."""
    voter = reissuer(world_of(kept, policy=CALLING)).asked()
    voter.world.courier().run_once()
    return voter


def may_call(voter: Reissuer) -> bool:
    return CALL not in {action.name for action in actions_not_possible_yet(voter.shown())}


def call(voter: Reissuer) -> None:
    voter.press(CALL)
    voter.world.courier().run_once()


def report(voter: Reissuer, kind: str, delivery: SmsDeliveryStatus) -> None:
    message, handler = voter.sms(kind)[-1].message_id, voter.world.services.sms_gateway_callback_handler
    assert handler.handle_delivery_report(message, report_tag(voter.world.dependencies.vault, message), delivery)


def test_a_call_says_the_same_code_twice_to_the_same_mobile(camille: Reissuer) -> None:
    """Two minutes after the SMS, a call reads the digits apart. The code leads to the identifier, which is never said."""
    assert [
        translate(each.fill(camille.shown().facts), Language.FRENCH) for each in later_action_sentences(camille.shown())
    ][1:] == ["Vous pourrez aussi recevoir le code par un appel à partir de 12 h 02."]
    camille.world.clock.move(seconds=119)
    call(camille)
    assert not may_call(camille)
    assert camille.sms(CALL_SMS) == []

    camille.world.clock.move(seconds=1)
    assert may_call(camille)
    call(camille)

    (spoken,) = camille.sms(CALL_SMS)
    code = camille.sms(CODE_SMS)[-1].text[-6:]
    assert (spoken.recipient, spoken.call_language) == (E164, Language.FRENCH)
    assert spoken.text.count(", ".join(code)) == 2
    assert code not in spoken.text
    camille.type(code)
    camille.world.courier().run_once()
    assert [sms.call_language for sms in camille.sms("identifier")] == [None]
    assert camille.acts()[2:6] == ["code-decided", "sms-accepted", "call-decided", "sms-accepted"]


def test_sms_and_calls_share_three_sendings_the_pause_and_the_expiry(camille: Reissuer) -> None:
    """An SMS that failed allows a call after the usual pause. After three sendings, there is neither SMS nor call."""
    report(camille, CODE_SMS, SmsDeliveryStatus.UNDELIVERED)
    assert not may_call(camille)
    for _ in range(2):
        camille.world.clock.move(seconds=60)
        assert may_call(camille)
        call(camille)
        report(camille, CALL_SMS, SmsDeliveryStatus.BUSY)
        failed = camille.shown().facts
        assert failed["destination"] == CODE_BY_CALL.failed.fill(failed)
    assert failed["again_from"] == failed["code_until"]

    camille.world.clock.move(seconds=120)
    call(camille)
    camille.press("again")
    camille.world.courier().run_once()

    assert (len(camille.sms(CALL_SMS)), len(camille.sms(CODE_SMS))) == (2, 1)
    assert not may_call(camille)


@pytest.mark.parametrize(
    ("seconds", "reported", "said"),
    [
        (119, [], CODE_BY_CALL.under_way),
        (120, [], CODE_BY_CALL.expected),
        (20, [SmsDeliveryStatus.DELIVERED], CODE_BY_CALL.arrived),
        (20, [SmsDeliveryStatus.DELIVERED, SmsDeliveryStatus.NO_ANSWER], CODE_BY_CALL.arrived),
        (20, [SmsDeliveryStatus.BUSY, SmsDeliveryStatus.DELIVERED], CODE_BY_CALL.arrived),
        (120, [SmsDeliveryStatus.NO_ANSWER], CODE_BY_CALL.failed),
    ],
)
def test_the_page_says_how_a_call_went(
    camille: Reissuer, seconds: int, reported: list[SmsDeliveryStatus], said: Text
) -> None:
    """ID-3 says so as soon as the gateway reports it. Without a report, the call counts as over after two minutes."""
    camille.world.clock.move(seconds=120)
    call(camille)
    report(camille, CODE_SMS, SmsDeliveryStatus.DELIVERED)
    camille.world.clock.move(seconds=seconds)
    for delivery in reported:
        report(camille, CALL_SMS, delivery)

    assert camille.shown().facts["destination"] == said.fill(camille.shown().facts)


def test_the_timeline_and_the_desk_say_how_a_call_went(camille: Reissuer) -> None:
    """Each end of a call has its own sentence, and the desk calls it a call. A late report of the SMS changes nothing."""
    world = camille.world
    session = signed_in_agent(world)
    handler = world.services.sms_gateway_callback_handler

    def sentences() -> list[str]:
        shown = world.services.desk.files.case_timeline(session, camille.case.number)
        return [translate(line.sentence, Language.FRENCH) for line in shown]

    world.clock.move(seconds=120)
    call(camille)
    message, sms = camille.sms(CALL_SMS)[-1].message_id, camille.sms(CODE_SMS)[-1].message_id
    for delivery, sentence, label in (
        (SmsDeliveryStatus.NO_ANSWER, "Personne n'a répondu à l'appel du code.", "Appel : sans réponse à 12 h 03"),
        (SmsDeliveryStatus.BUSY, "L'appel du code a trouvé la ligne occupée.", "Appel : ligne occupée à 12 h 03"),
    ):
        assert handler.handle_delivery_report(message, report_tag(world.dependencies.vault, message), delivery)
        report_of_sms = report_tag(world.dependencies.vault, sms)
        assert handler.handle_delivery_report(sms, report_of_sms, SmsDeliveryStatus.UNDELIVERED)
        assert any(sentence in line for line in sentences())
        awaited = world.services.desk.files.open_case(session, camille.case.number).case.message
        assert awaited is not None
        assert translate(awaited.labelled, Language.FRENCH) == label

    world.clock.move(seconds=60)
    world.air.says = SendRefused("gateway", "no credit")
    call(camille)
    assert any("L'opérateur a refusé l'appel pour de bon." in line for line in sentences())
    awaited = world.services.desk.files.open_case(session, camille.case.number).case.message
    assert awaited is not None
    assert awaited.script == SAY_LAST_SENDING_FAILED
    assert camille.shown().facts["destination"] == CODE_BY_CALL.failed.fill(camille.shown().facts)


@pytest.mark.parametrize("action", [CALL, "again"])
def test_after_the_last_sending_has_failed_the_desk_suggests_no_other(camille: Reissuer, action: str) -> None:
    session, world = signed_in_agent(camille.world), camille.world
    by_call = action == CALL

    def suggested() -> tuple[Text, ...]:
        awaited = world.services.desk.files.open_case(session, camille.case.number).case.message
        return () if awaited is None else awaited.script

    for script in (SAY_CALL_FAILED if by_call else SAY_UNDELIVERED, SAY_LAST_SENDING_FAILED):
        world.clock.move(seconds=120)
        camille.press(action)
        world.courier().run_once()
        assert suggested() == ()
        report(camille, CALL_SMS if by_call else CODE_SMS, SmsDeliveryStatus.UNDELIVERED)
        assert suggested() == script


def easy_guide_mentions_a_call(world: World) -> bool:
    guide = world.services.flows[IdentifierFlowPlugin].easy_to_read_guide
    return any("Votre téléphone sonne" in str(sentence) for part in guide.parts for sentence in part.sentences)


def test_the_easy_to_read_guide_explains_the_call(camille: Reissuer) -> None:
    assert easy_guide_mentions_a_call(camille.world)


def test_without_calls_nothing_offers_one(camille: Reissuer) -> None:
    """Where the policy allows no calls, ID-3 has no such button, and a form that asks for one does nothing."""
    silent = world_of(camille.world.kept, policy=replace(CALLING, code_call_after_seconds=0))

    steps = silent.services.flows[IdentifierFlowPlugin].steps
    assert not easy_guide_mentions_a_call(silent)
    assert CALL not in {action.name for action in steps.code.actions}
