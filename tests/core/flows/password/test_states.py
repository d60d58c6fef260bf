"""Tests of the states of a password recovery and their transitions."""

from datetime import timedelta

import pytest

from core.flows.password.states import (
    CaseOpenedByDesk,
    LastRequestTimes,
    LinkNotInForce,
    LinkRequestPending,
    LinkSent,
    MessageAsked,
    NoLinkSent,
    PasswordChanged,
    SentLink,
    State,
)
from tests.support.election import CAMILLE, NOON

HOURS = timedelta(hours=4)
ASKED = LastRequestTimes(at=NOON, until=NOON + HOURS, again_from=NOON + timedelta(minutes=3))
LINK = SentLink(b"1" * 32, NOON + HOURS)
SENT = LinkSent(typed=CAMILLE, address=CAMILLE, asking=ASKED, voter=7, epoch=0, links=(LINK,))
MOVES = {
    CaseOpenedByDesk: set(),
    LinkRequestPending: {"ask_again", "send_link", "leave_unanswered"},
    NoLinkSent: {"ask_again"},
    LinkSent: {"ask_again", "send_link", "leave_unanswered", "require_working_link", "choose_password"},
    PasswordChanged: {"ask_again"},
}


def test_a_state_has_the_moves_of_its_row_and_no_other() -> None:
    """Each state has exactly the allowed transitions, and cannot be modified."""
    for state in State.__args__:
        found = {name for name in dir(state) if not name.startswith("_") and name not in state.__struct_fields__}
        assert found == MOVES[state]
        assert state.__struct_config__.frozen
        assert state.__struct_config__.tag is not None


def test_a_link_works_until_just_before_its_time() -> None:
    """An expired link and an unknown link are refused."""
    assert SENT.choose_password(LINK.digest, now=LINK.expires - timedelta(microseconds=1)).used == LINK.digest

    with pytest.raises(LinkNotInForce):
        SENT.choose_password(LINK.digest, now=LINK.expires)
    for digest in (b"", b"1" * 31, b"3" * 32):
        with pytest.raises(LinkNotInForce):
            SENT.require_working_link(digest, now=NOON)


def test_an_ask_that_sends_nothing_leaves_the_links_of_its_case() -> None:
    """A request that gets no link does not end the links that were sent before."""
    assert SENT.leave_unanswered() is SENT


def test_the_waiting_states_are_those_of_an_ask() -> None:
    """All states with the times of a request have the same base class."""
    assert set(MessageAsked.__subclasses__()) == {
        state for state in State.__args__ if "asking" in state.__struct_fields__
    }
