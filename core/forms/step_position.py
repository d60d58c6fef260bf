from collections.abc import Iterable, Mapping
from typing import NamedTuple

from core.forms.flow_model import Flow, Step
from core.text.text import N_, Text

POSITION = N_("étape {number} sur {count}")


class StepPosition(NamedTuple):
    number: int
    steps: int

    @property
    def sentence(self) -> Text:
        return POSITION.fill({"number": self.number, "count": self.steps})


def step_position(step: Step, flow: Flow) -> StepPosition | None:
    sequence = [each for each in flow.steps if each not in flow.beside]
    return StepPosition(sequence.index(step) + 1, len(sequence)) if step in sequence and len(sequence) > 1 else None


def step_positions_by_code(flows: Iterable[Flow]) -> Mapping[str, Text]:
    positions = {step.code: step_position(step, flow) for flow in flows for step in flow.steps}
    return {code: position.sentence for code, position in positions.items() if position is not None}
