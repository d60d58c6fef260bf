"""Tests of requests for an identifier that happen at the same time."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from core.flows.identifier.plugin import IdentifierFlowPlugin
from core.forms import errors
from core.forms.flow_model import FormErrors
from core.ports import IncomingSmsOutcome, SmsDeliveryStatus
from tests.support.election import CAMILLE
from tests.support.reissues import E164, IDENTIFIER_SMS, Reissuer, identifier_of, reissuer, votes
from tests.support.stores import reading
from tests.support.worlds import World

CROWD = 16


def together(acts: list[Callable[[], object]]) -> list[object]:
    """Run all functions at the same time. Return their results, or the class of the refusal that they raised."""
    barrier = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        barrier.wait(180)
        try:
            return act()
        except (errors.Refusal, FormErrors) as refused:
            return type(refused)

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_many_right_codes_reserve_one(any_world: World) -> None:
    """A right code that is sent many times at once reserves one identifier."""
    camille = reissuer(any_world)
    camille.receive()
    camille.receive()
    camille.asked()
    code = camille.code()

    got = together([lambda: camille.type(code).step.code] * CROWD)
    any_world.courier().run_once()

    assert Counter(got) == {"ID-4": CROWD}
    assert camille.left() == 0
    assert len(camille.sms(IDENTIFIER_SMS)) == 3


def test_parallel_guesses_share_the_count_whichever_way_they_come(any_world: World) -> None:
    """Parallel wrong codes on the page and by SMS share one count of five, and then the case is closed."""
    camille = reissuer(any_world).asked()
    right, wrong = camille.code(), camille.wrong()
    hearing = any_world.services.flows[IdentifierFlowPlugin]

    got = together(
        [lambda: camille.type(wrong).step.code] * (CROWD // 2)
        + [lambda: hearing.receive_sms_answer(E164, wrong)] * (CROWD // 2)
    )

    tried = [each for each in got if each in {FormErrors, IncomingSmsOutcome.WRONG}]
    assert len(tried) == 4
    assert camille.acts().count("code-refused") >= 5
    assert camille.type(right).step is camille.steps.begin
    assert not votes_at_all(any_world, camille)


def votes_at_all(world: World, camille: Reissuer) -> bool:
    """Return whether any identifier that the voter received can vote."""
    return any(votes(world, identifier_of(sms)) for sms in camille.sms(IDENTIFIER_SMS))


def test_reports_of_several_at_one_instant_count_each_once(any_world: World) -> None:
    """Late delivery reports that arrive at the same time count each identifier once."""
    camille = reissuer(any_world)
    for _ in range(3):
        camille.receive()
        camille.report(SmsDeliveryStatus.UNDELIVERED)
    ids = [sms.message_id for sms in camille.sms(IDENTIFIER_SMS)]
    hearing = any_world.services.flows[IdentifierFlowPlugin]

    def reporting(message_id: str) -> Callable[[], object]:
        return lambda: hearing.receive_delivery_report(message_id, SmsDeliveryStatus.DELIVERED, lambda _: None)

    together([reporting(each) for each in ids * 4])

    assert camille.left() == 0
    slots = [record.slot for record in reading(any_world.store).reissues.of_voter(any_world.voter(CAMILLE).id)]
    assert sorted(slot for slot in slots if slot is not None) == [1, 2, 3]
