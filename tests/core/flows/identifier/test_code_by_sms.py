"""The code answered by SMS: one count with the page, nothing trusted (CASES 24, 30, 39)."""

import pytest

from core.forms import errors
from core.forms.model import FormErrors
from core.ports import Sms, VoterSmsOutcome
from tests.support.election import CLOSES
from tests.support.reissues import E164, reissuer
from tests.support.worlds import World

OTHER = "other@ac-lumiere.example"


def answer(world: World, text: str, phone: str = E164) -> VoterSmsOutcome:
    """An SMS from that telephone."""
    return world.services.flows.receive_sms_answer(phone, text)


def test_a_code_answered_by_sms_moves_the_case_on(sql_world: World) -> None:
    """The page follows when it looks again."""
    camille = reissuer(sql_world).asked()

    assert answer(sql_world, f"Code {camille.code()}") is VoterSmsOutcome.ACCEPTED
    assert camille.shown().step is camille.steps.sending
    assert answer(sql_world, f"Code {camille.code()}") is VoterSmsOutcome.UNREAD
    assert "code-accepted" in camille.acts()


def test_case_24_wrong_ones_count_with_those_of_the_page(sql_world: World) -> None:
    """Wrong codes by SMS and on the page count together, five in all."""
    camille = reissuer(sql_world).asked()
    right, wrong = camille.code(), camille.wrong()
    for _ in range(2):
        assert answer(sql_world, wrong) is VoterSmsOutcome.WRONG
        with pytest.raises(FormErrors):
            camille.type(wrong)

    assert answer(sql_world, wrong) is VoterSmsOutcome.REFUSED
    assert answer(sql_world, right) is VoterSmsOutcome.UNREAD
    assert camille.type(right).step is camille.steps.begin


@pytest.mark.parametrize("text", ["", "oui", "12345", "x" * 1000, "\x00"])
def test_what_holds_no_code_is_no_try(sql_world: World, text: str) -> None:
    """An SMS without a code, such as a thank-you, costs no try."""
    camille = reissuer(sql_world).asked()
    for _ in range(9):
        assert answer(sql_world, text) is VoterSmsOutcome.UNREAD

    assert answer(sql_world, camille.code()) is VoterSmsOutcome.ACCEPTED


def test_another_telephone_is_not_heard(sql_world: World) -> None:
    """The right code from another telephone is not taken."""
    camille = reissuer(sql_world).asked()

    assert answer(sql_world, camille.code(), "+33687654321") is VoterSmsOutcome.UNREAD
    assert camille.shown().step is camille.steps.code


def test_a_code_whose_time_is_over_is_not_heard(sql_world: World) -> None:
    """An expired code is ignored."""
    camille = reissuer(sql_world).asked()
    code = camille.code()
    sql_world.clock.move(minutes=10)

    assert answer(sql_world, code) is VoterSmsOutcome.UNREAD


def test_of_two_voters_who_await_one_the_right_one_is_answered(sql_world: World) -> None:
    """Of two voters who gave the same number the one whose code it is is answered; the second then cannot have the number."""
    camille, other = reissuer(sql_world).asked(), reissuer(sql_world, OTHER).asked()
    codes = {sms.message_id.split(".")[1]: sms.text[-6:] for sms in _codes(sql_world)}
    mine = codes[camille.shown().case or ""]

    assert answer(sql_world, mine) is VoterSmsOutcome.ACCEPTED
    assert camille.shown().step is camille.steps.sending
    assert other.shown().step is other.steps.code
    with pytest.raises(errors.PhoneTaken):
        other.type(codes[other.shown().case or ""])


def _codes(world: World) -> list[Sms]:
    world.courier().run_once()
    return world.air.taken


def test_of_a_frozen_voter_and_after_the_vote_nothing_is_heard(sql_world: World) -> None:
    """The code of a frozen voter, or after the vote, is not accepted, as the page's session would be gone too."""
    camille = reissuer(sql_world).asked()
    code, voter = camille.code(), camille.voter
    sql_world.clock.at = CLOSES
    assert answer(sql_world, code) is VoterSmsOutcome.REFUSED
    sql_world.clock.move(days=-3)
    with sql_world.store.write() as transaction:
        transaction.voters.freeze(voter.id, epoch=voter.epoch, at=sql_world.clock.at)

    assert answer(sql_world, code) is VoterSmsOutcome.UNREAD
