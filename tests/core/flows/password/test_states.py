"""The states of a recovery and the moves open from each: no clock, no store."""

from datetime import timedelta

import msgspec
import pytest

from core.flows.password.states import (
    CaseOpenedByDesk,
    LastRequestTimes,
    LinkNotInForce,
    LinkRequested,
    LinkSent,
    LinkTooOld,
    NoLinkSent,
    PasswordChanged,
    RequestedTooSoon,
    SentLink,
    State,
    Waiting,
)
from tests.support.election import CAMILLE, NOON

TYPED = "Camille.Martin@ac-lumiere.example"
WHO = {"typed": TYPED, "address": CAMILLE}
HOURS, PAUSE = timedelta(hours=4), timedelta(minutes=3)
INSTANT = timedelta(microseconds=1)
FIRST = LastRequestTimes.begin(NOON, valid=HOURS, pause=PAUSE)
AGAIN = LastRequestTimes.begin(NOON + PAUSE, valid=HOURS, pause=PAUSE)
TOO_EARLY = LastRequestTimes.begin(NOON + PAUSE - INSTANT, valid=HOURS, pause=PAUSE)
ONE, TWO = SentLink(b"1" * 32, NOON + HOURS), SentLink(b"2" * 32, NOON + HOURS + PAUSE)
SENT = LinkSent(**WHO, asking=FIRST, voter=7, epoch=0, links=(ONE, TWO))
COMPLETED = PasswordChanged(**WHO, asking=FIRST, voter=7, used=ONE.digest, at=NOON)
MOVES = {
    CaseOpenedByDesk: set(),
    LinkRequested: {"ask_again", "send_link", "leave_unanswered"},
    NoLinkSent: {"ask_again"},
    LinkSent: {"ask_again", "send_link", "leave_unanswered", "require_working_link", "choose_password"},
    PasswordChanged: {"ask_again"},
}


@pytest.mark.parametrize("state", State.__args__)
def test_a_state_has_the_moves_of_its_row_and_no_other(state: type[State]) -> None:
    """An illegal move does not exist, so it cannot be made by mistake."""
    found = {name for name in vars(state) if not name.startswith("_") and name not in state.__struct_fields__}

    assert found == MOVES[state]


def test_a_case_goes_from_the_ask_to_the_password() -> None:
    """Each move keeps what was typed and the address that it means."""
    sent = LinkRequested(**WHO, asking=FIRST).send_link(ONE, voter=7, epoch=0)
    completed = sent.choose_password(ONE.digest, now=NOON)

    assert sent == LinkSent(**WHO, asking=FIRST, voter=7, epoch=0, links=(ONE,))
    assert completed == COMPLETED


def test_an_ask_is_valid_for_its_time_and_may_be_repeated_after_its_pause() -> None:
    """The link's time and the pause are both counted from the request."""
    assert LastRequestTimes(at=NOON, until=NOON + HOURS, again_from=NOON + PAUSE) == FIRST


def test_without_a_link_the_asker_is_left_unanswered() -> None:
    """An asker without a link keeps the same times as everyone."""
    assert LinkRequested(**WHO, asking=FIRST).leave_unanswered() == NoLinkSent(**WHO, asking=FIRST)
    assert SENT.leave_unanswered() is SENT


@pytest.mark.parametrize(
    "state", [LinkRequested(**WHO, asking=FIRST), NoLinkSent(**WHO, asking=FIRST), SENT, COMPLETED]
)
def test_asking_again_waits_for_the_end_of_the_pause(state: Waiting) -> None:
    """The pause ends to the microsecond; then the new times count, and links sent before still work."""
    with pytest.raises(RequestedTooSoon):
        state.ask_again(TOO_EARLY)

    again = state.ask_again(AGAIN)

    assert again.asking == AGAIN
    assert again == (
        msgspec.structs.replace(state, asking=AGAIN)
        if isinstance(state, LinkSent)
        else LinkRequested(**WHO, asking=AGAIN)
    )


def test_links_of_one_voter_live_together() -> None:
    """Each link lives to its own expiry."""
    sent = LinkRequested(**WHO, asking=FIRST).send_link(ONE, voter=7, epoch=0).send_link(TWO, voter=7, epoch=0)

    assert sent.links == (ONE, TWO)
    assert sent.require_working_link(ONE.digest, now=NOON) == ONE
    assert sent.require_working_link(TWO.digest, now=NOON + HOURS) == TWO


@pytest.mark.parametrize(("voter", "epoch"), [(7, 1), (8, 0)])
def test_case_17_links_of_a_former_epoch_or_of_another_voter_drop_out(voter: int, epoch: int) -> None:
    """The new link is the case's only one, and the case is that of the new voter and epoch."""
    moved = SENT.send_link(SentLink(b"3" * 32, NOON + HOURS), voter=voter, epoch=epoch)

    assert [link.digest for link in moved.links] == [b"3" * 32]
    assert (moved.voter, moved.epoch) == (voter, epoch)


def test_case_13_a_link_works_until_just_before_its_time() -> None:
    """An expired link is told apart from one that this case never had."""
    assert SENT.choose_password(ONE.digest, now=ONE.expires - INSTANT).used == ONE.digest

    with pytest.raises(LinkTooOld) as too_old:
        SENT.choose_password(ONE.digest, now=ONE.expires)
    assert too_old.value.expired == ONE.expires


@pytest.mark.parametrize("digest", [b"", b"1" * 31, b"3" * 32])
def test_a_link_the_case_does_not_know_is_not_in_force(digest: bytes) -> None:
    """A digest that is no link's is refused, however similar it is."""
    with pytest.raises(LinkNotInForce):
        SENT.require_working_link(digest, now=NOON)


def test_the_waiting_states_are_those_of_an_ask() -> None:
    """All waiting states hold the ask's times, and differ in nothing else that a page may show."""
    assert set(Waiting.__args__) == {state for state in State.__args__ if "asking" in state.__struct_fields__}


@pytest.mark.parametrize("state", State.__args__)
def test_a_state_cannot_be_changed(state: type[State]) -> None:
    """A move makes a new state and leaves the former one unchanged."""
    assert state.__struct_config__.frozen
    assert state.__struct_config__.tag is not None
