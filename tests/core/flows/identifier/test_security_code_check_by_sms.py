"""Tests of security codes that voters send by SMS."""

import pytest

from core.flows.identifier.plugin import IdentifierFlowPlugin
from core.forms import errors
from core.forms.flow_model import FormErrors
from core.ports import IncomingSmsOutcome, Sms
from tests.support.election import CLOSES
from tests.support.reissues import E164, reissuer
from tests.support.stores import writing
from tests.support.worlds import World

OTHER = "other@ac-lumiere.example"


def answer(world: World, text: str, phone: str = E164) -> IncomingSmsOutcome:
    """Return how the service handles an SMS from this phone number."""
    return world.services.flows[IdentifierFlowPlugin].receive_sms_answer(phone, text)


def test_a_code_answered_by_sms_moves_the_case_on(world: World) -> None:
    """A code that was sent by SMS is accepted once, and the page of the voter moves on."""
    camille = reissuer(world).asked()

    assert answer(world, f"Code {camille.code()}") is IncomingSmsOutcome.ACCEPTED
    assert camille.shown().step is camille.steps.sending
    assert answer(world, f"Code {camille.code()}") is IncomingSmsOutcome.UNREAD
    assert "code-accepted" in camille.acts()


def test_wrong_ones_count_with_those_of_the_page(world: World) -> None:
    """Wrong codes by SMS and on the page share one limit of five."""
    camille = reissuer(world).asked()
    right, wrong = camille.code(), camille.wrong()
    for _ in range(2):
        assert answer(world, wrong) is IncomingSmsOutcome.WRONG
        with pytest.raises(FormErrors):
            camille.type(wrong)

    assert answer(world, wrong) is IncomingSmsOutcome.REFUSED
    assert answer(world, right) is IncomingSmsOutcome.UNREAD
    assert camille.type(right).step is camille.steps.begin


def test_what_holds_no_code_is_no_try(world: World) -> None:
    """An SMS without a code, such as a thank-you, costs no try."""
    camille = reissuer(world).asked()
    for text in ("", "oui", "12345", "x" * 1000, "\x00"):
        for _ in range(2):
            assert answer(world, text) is IncomingSmsOutcome.UNREAD, text

    assert answer(world, camille.code()) is IncomingSmsOutcome.ACCEPTED


def test_another_telephone_is_not_heard(world: World) -> None:
    """The right code is ignored if it comes from another phone number."""
    camille = reissuer(world).asked()

    assert answer(world, camille.code(), "+33687654321") is IncomingSmsOutcome.UNREAD
    assert camille.shown().step is camille.steps.code


def test_a_code_whose_time_is_over_is_not_heard(world: World) -> None:
    """An expired code is ignored."""
    camille = reissuer(world).asked()
    code = camille.code()
    world.clock.move(minutes=10)

    assert answer(world, code) is IncomingSmsOutcome.UNREAD


def test_a_code_of_a_request_that_was_begun_again_is_not_heard(world: World) -> None:
    """The code of an earlier request is ignored after the voter has begun again."""
    camille = reissuer(world).asked()
    former = camille.code()
    camille.request()

    assert answer(world, former) is IncomingSmsOutcome.UNREAD
    assert camille.shown().step is camille.steps.identity
    assert "code-accepted" not in camille.acts()


def test_of_two_voters_who_await_one_the_right_one_is_answered(world: World) -> None:
    """If two voters await a code on the same phone, the code decides whose request continues."""
    camille, other = reissuer(world).asked(), reissuer(world, OTHER).asked()
    codes = {sms.message_id.split(".")[1]: sms.text[-6:] for sms in _codes(world)}
    mine = codes[camille.shown().case or ""]

    assert answer(world, mine) is IncomingSmsOutcome.ACCEPTED
    assert camille.shown().step is camille.steps.sending
    assert other.shown().step is other.steps.code
    with pytest.raises(errors.PhoneTaken):
        other.type(codes[other.shown().case or ""])


def _codes(world: World) -> list[Sms]:
    world.courier().run_once()
    return world.air.taken


def test_of_a_frozen_voter_and_after_the_vote_nothing_is_heard(world: World) -> None:
    """A code is not accepted from a voter with a frozen account, or after the vote has closed."""
    camille = reissuer(world).asked()
    code, voter = camille.code(), camille.voter
    world.clock.at = CLOSES
    assert answer(world, code) is IncomingSmsOutcome.REFUSED
    world.clock.move(days=-3)
    writing(world.store).voters.freeze(voter.id, epoch=voter.epoch, at=world.clock.at)

    assert answer(world, code) is IncomingSmsOutcome.UNREAD
