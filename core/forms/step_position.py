"""The position of a step in its flow, in words."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from core.forms.flow_model import Flow, Step
from core.text.text import N_, Text

POSITION = N_("étape {number} sur {count}")


class StepPosition(NamedTuple):
    """The number of a step, and the number of steps in the flow."""

    number: int
    steps: int

    @property
    def sentence(self) -> Text:
        return POSITION.fill({"number": self.number, "count": self.steps})


def step_position(step: Step, flow: Flow) -> StepPosition | None:
    """Return the position of a step, or None for a side step or the only step."""
    way = [each for each in flow.steps if each not in flow.beside]
    return StepPosition(way.index(step) + 1, len(way)) if step in way and len(way) > 1 else None


def step_positions_by_code(flows: Iterable[Flow]) -> Mapping[str, Text]:
    """Return the positions in words, by step code."""
    found = {step.code: step_position(step, flow) for flow in flows for step in flow.steps}
    return {code: position.sentence for code, position in found.items() if position is not None}
