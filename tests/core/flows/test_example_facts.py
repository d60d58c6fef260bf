"""Tests that the fictional voter of the help pages sees what a real voter sees."""

from collections.abc import Mapping
from string import Formatter

from msgspec.structs import replace

from core.flows.account.voter_space_definition import VOTER_SPACE
from core.flows.example_facts import help_example_facts_of
from core.forms.error_catalogue import REFUSALS
from core.forms.flow_model import ShownStep, Step
from core.ports import SmsDeliveryStatus
from core.text.text import Moment, Text, TimeOfDay
from tests.support.election import visit
from tests.support.reissues import Reissuer, reissuer
from tests.support.worlds import World


def test_the_example_lives_what_a_voter_lives(world: World) -> None:
    """The example values of each step are those of a real request that ends with an undelivered SMS."""
    camille = reissuer(world)
    steps, space = camille.steps, VOTER_SPACE
    lived = [_at(camille, space.home), _at(camille, steps.begin)]
    camille.asked()
    lived.append(camille.shown())
    camille.type(camille.code())
    lived.append(camille.shown())
    world.courier().run_once()
    lived.append(camille.shown())
    camille.report(SmsDeliveryStatus.UNDELIVERED)
    lived.append(camille.shown())

    example = help_example_facts_of(world.services.flows)

    assert [shown.step.code for shown in lived] == ["EV-1", "ID-1", "ID-3", "ID-4", "ID-5", "ID-6"]
    for shown in lived:
        assert _timeless(shown.facts).items() <= _timeless(example.facts_at(shown.step.code)).items(), shown.step.code


def test_the_help_about_a_refusal_has_no_time_of_the_example(world: World) -> None:
    """Its advice is for every reader, so only the dates of the election are in it."""
    told = help_example_facts_of(world.services.flows)
    for refusal in REFUSALS:
        facts = _timeless(told.facts_at(refusal.id)) | dict.fromkeys(("opens_at", "closed_at"), "")
        named = {name for text in refusal.remedy for _, name, _, _ in Formatter().parse(text.msgid) if name}
        assert named <= facts.keys(), refusal.id


def _at(camille: Reissuer, step: Step) -> ShownStep:
    return camille.world.services.dispatcher.show(step, visit(session=camille.session))


def _timeless(facts: Mapping[str, object]) -> dict[str, object]:
    """Remove the values that depend on the clock, also inside sentences."""
    return {
        name: replace(fact, params=_timeless(fact.params)) if isinstance(fact, Text) else fact
        for name, fact in facts.items()
        if not isinstance(fact, TimeOfDay | Moment | bool)
    }
