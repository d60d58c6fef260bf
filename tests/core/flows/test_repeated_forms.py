"""Tests of forms that a browser sends twice: their operation is done only once."""

from datetime import timedelta

import pytest

from core.flows.flow_handler import StepResult, Visit
from core.flows.password.plugin import PasswordFlowPlugin
from core.flows.repeated_forms import FORM_KEY
from core.flows.sign_in import MOST_REPEATS
from core.forms import errors
from core.forms.flow_model import FormErrors
from tests.support.election import GOOD, NOON, visit
from tests.support.reissues import reissuer
from tests.support.worlds import World

FIRST, SECOND = {FORM_KEY: "first drawing"}, {FORM_KEY: "second drawing"}
WRONG, OTHER = "Mauvais essai 1", "Mauvais essai 2"


def tries(world: World, step: object, answer: str, held: Visit, **typed: str) -> str:
    """Answer a step that refuses the answer, and return the number of tries left that the refusal names."""
    with pytest.raises(FormErrors) as refused:
        world.at(step, answer, held, **typed)  # type: ignore[arg-type]  # a step
    assert refused.value.tries is not None
    return str(refused.value.tries.params.get("count", 0))


def test_password_that_has_become_right_is_another_try(world: World) -> None:
    """A repeated form signs the voter in if its password has become right."""
    world.add()
    world.with_password("Girafe tambour 31")
    step = world.services.flows[PasswordFlowPlugin].steps.choose_way
    held = visit(pending=world.confirming())
    tries(world, step, "sign-in", held, password=GOOD, **FIRST)
    world.with_password(GOOD)

    assert world.at(step, "sign-in", held, password=GOOD, **FIRST).step.code == "EV-1"


def test_repeats_without_end_are_counted_again(world: World) -> None:
    """After many repetitions, each further one counts as an attempt."""
    world.add()
    step = world.services.flows[PasswordFlowPlugin].steps.choose_way
    held = visit(pending=world.confirming())
    told = [tries(world, step, "sign-in", held, password=WRONG, **FIRST) for _ in range(MOST_REPEATS + 4)]

    with pytest.raises(errors.TooManySignIns):
        world.at(step, "sign-in", held, password=WRONG, **FIRST)

    assert told == [*["4"] * MOST_REPEATS, "3", "2", "1", "0"]


def test_password_chosen_twice_is_one(world: World) -> None:
    """A repeated form with a new password shows the last step.

    Another password is refused because the link was used.
    """
    world.add()
    steps, held = world.services.flows[PasswordFlowPlugin].steps, visit(link=world.link())
    typed = {"new_password": GOOD, "new_password_again": GOOD, **FIRST}

    both = [world.at(steps.choose_password, "save", held, **typed) for _ in range(2)]
    shown = world.services.dispatcher.show(steps.done, both[1].visit)
    for other in ({**typed, **SECOND}, dict.fromkeys(("new_password", "new_password_again"), OTHER) | FIRST):
        with pytest.raises(errors.LinkUsed):
            world.at(steps.choose_password, "save", held, **other)
    acts = [event.act for event in world.voter_events(world.voter())]
    assert acts.count("password-chosen") == 1
    assert world.waiting_parcels() == 1  # the notice

    world.clock.at += timedelta(minutes=5)
    world.links.choose_password(world.link(), OTHER)
    with pytest.raises(errors.LinkUsed):
        world.at(steps.choose_password, "save", held, **typed)

    assert [result.step.code for result in both] == ["MP-7", "MP-7"]
    assert shown.step is steps.done


def test_message_asked_for_again_is_sent_once(world: World) -> None:
    """A repeated request for a recovery mail creates neither a second case nor a second mail."""
    world.add()
    steps = world.services.flows[PasswordFlowPlugin].steps
    held = visit(pending=world.confirming())
    asked, _ = (world.at(steps.confirm, "send", held, **FIRST).visit for _ in range(2))
    for minutes in (4, 8, 12):
        world.clock.at = NOON + timedelta(minutes=minutes)
        world.at(steps.message_asked, "again", asked, **SECOND)

    assert world.waiting_parcels() == 2
    world.at(steps.message_asked, "again", asked, **FIRST)
    assert world.waiting_parcels() == 3


def test_wrong_code_of_another_sending_is_another_try(world: World) -> None:
    """A repeated form with a wrong code counts again after another code was sent."""
    camille = reissuer(world).asked()
    held, code = visit(session=camille.session), camille.wrong()
    told = [tries(world, camille.steps.code, "validate", held, code=code, **FIRST)]
    camille.press("other-number")
    camille.prove()
    world.clock.at += timedelta(minutes=2)
    if camille.code() != code:
        told.append(tries(world, camille.steps.code, "validate", held, code=code, **FIRST))

    assert told == ["4", "3"]


def test_code_sent_again_and_number_given_up_happen_once(world: World) -> None:
    """A repeated form neither sends the code again nor gives up a newer phone number."""
    camille = reissuer(world).asked()
    held = visit(session=camille.session)
    camille.code()
    for minutes in (2, 4):
        world.clock.at = NOON + timedelta(minutes=minutes)
        world.at(camille.steps.code, "again", held, **FIRST)
    acts = camille.acts()
    results: list[StepResult] = [world.at(camille.steps.code, "other-number", held, **FIRST)]
    camille.prove()
    results.append(world.at(camille.steps.code, "other-number", held, **FIRST))

    assert acts.count("code-decided") == 2
    assert [result.step.code for result in results] == ["ID-2", "ID-3"]
    assert camille.acts().count("number-given-up") == 1
