"""Tests of the state in which a request waits for its confirmation in the mailbox."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.flows.identifier.sent_security_code import ResendLimits
from core.flows.identifier.states import (
    ConfirmationAwaited,
    ConfirmationLapsed,
    ReissueOrdered,
    ResendTooSoon,
    SealedPhoneNumber,
)
from core.policy.policy import PRESETS
from tests.support.election import NOON

NUMBER = SealedPhoneNumber(sealed=b"sealed", digest=b"digest", ending="78", region="FR")
TERMS = ResendLimits.of_confirmation(PRESETS["2026"])
WAITS = st.lists(st.integers(0, 3 * int(TERMS.valid.total_seconds())), max_size=8)


@given(WAITS)
def test_another_mail_is_asked_for_within_its_time_after_the_pause_and_so_often(waits: list[int]) -> None:
    """Another mail can be requested only after the pause, before the expiry, and a limited number of times."""
    now, state = NOON, waiting()
    for seconds in waits:
        now += timedelta(seconds=seconds)
        lapsed = now >= state.until
        open_again = now >= state.asked + TERMS.pause and state.sendings < TERMS.sendings
        try:
            asked = state.ask_again(now, TERMS)
        except ConfirmationLapsed:
            assert lapsed
        except ResendTooSoon:
            assert not lapsed
            assert not open_again
        else:
            assert open_again
            assert not lapsed
            assert (asked.asked, asked.until, asked.sendings) == (now, now + TERMS.valid, state.sendings + 1)
            state = asked
        assert state.sendings <= TERMS.sendings


@given(st.integers(-1, 1))
def test_a_confirmation_orders_the_identifier_until_the_instant_of_its_lapse(microseconds: int) -> None:
    """A confirmation before the expiry orders the identifier. A later one is refused."""
    state = waiting()
    now = state.until + timedelta(microseconds=microseconds)
    try:
        ordered = state.confirm(now)
    except ConfirmationLapsed:
        assert now >= state.until
    else:
        assert now < state.until
        assert ordered == ReissueOrdered(voter=7, number=NUMBER, at=now)


def test_a_waiting_request_has_its_three_moves_and_no_other() -> None:
    """A request that waits for its confirmation can get neither another phone number nor another code."""
    moves = {name for name in vars(ConfirmationAwaited) if not name.startswith("_")}

    assert moves - set(ConfirmationAwaited.__struct_fields__) == {"is_lapsed", "ask_again", "confirm"}


def waiting() -> ConfirmationAwaited:
    """Return the state of a request whose confirmation mail was just requested."""
    return ConfirmationAwaited(voter=7, epoch=1, number=NUMBER, asked=NOON, until=NOON + TERMS.valid)
