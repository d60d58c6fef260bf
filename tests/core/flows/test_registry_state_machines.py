"""Tests that call the services in random order (Hypothesis state machines), with and without a confirmation."""

import pytest
from hypothesis import settings

from tests.support.confirmation_machine import ConfirmedRequests
from tests.support.reissue_machine import ONE_IN, BothFlows

TestBothFlows = BothFlows.TestCase
TestBothFlows.settings = settings(max_examples=12, stateful_step_count=50)
TestConfirmedRequests = ConfirmedRequests.TestCase
TestConfirmedRequests.settings = settings(max_examples=12, stateful_step_count=50)


@pytest.mark.parametrize("later", [7, 8])
@pytest.mark.parametrize("act", ["courier-dies", "desk-freezes"])
def test_the_model_counts_a_link_that_left_before_the_act(act: str, later: int) -> None:
    """A link counts as read once it was sent, even if the courier is killed in the same round."""
    machine = BothFlows()
    machine.roll()
    machine.desk()
    frozen, asker = range(len(machine.model.people))
    machine.arrive(frozen)
    machine.begin(machine.model.people[asker].line.email)
    machine.ask(len(machine.model.browsers) - 1)
    machine.desk_freezes(frozen)  # no round of the courier precedes the one in which something happens

    if act == "courier-dies":
        machine.courier_dies(frozen, 0, later)
    else:
        machine.while_a_courier_works(frozen, 0, (act, asker * ONE_IN, 0), later)

    assert machine.fell_within
    assert any(link.person is machine.model.people[asker] for link in machine.model.links)
    machine.what_is_alive_is_what_the_model_says()
    machine.teardown()
