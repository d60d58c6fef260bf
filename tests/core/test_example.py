"""The fictional voter of the help: what is said at each step is what is true there."""

import pytest

from core.example import Example, said_for_the_example
from core.flows.identifier import identifier_flow
from core.flows.space import space_flow
from core.i18n import say
from core.policy import Policy
from core.steps import Step
from core.text import Language
from tests.support.guides import BOOK

STEPS = identifier_flow(Policy())
SPENT, KEPT = "2 demandes sur 3", "3 demandes sur 3"


@pytest.mark.parametrize(
    ("step", "left"),
    [(space_flow().home, KEPT), (STEPS.begin, KEPT), (STEPS.done, SPENT), (STEPS.failed, KEPT)],
    ids=lambda value: value.code if isinstance(value, Step) else None,
)
def test_a_request_is_spent_by_an_identifier_and_given_back_where_it_did_not_arrive(step: Step, left: str) -> None:
    """Before, after, and when the operator could not deliver it."""
    assert left in _read(BOOK.example, step)


def _read(example: Example, step: Step) -> str:
    return " ".join(say(said_for_the_example(text, example.at(step.code)), Language.FRENCH) for text in step.copy.voter)
