"""Finds a step by its public code. It reads the flows' definitions only, so a terminal does it by itself."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from core.desk.step_view import StepView, view_step
from core.forms.flow_model import Flow, ShownStep


@dataclass(frozen=True, slots=True)
class StepCodeLookup:
    """The steps of every flow. `facts` are true of the whole election."""

    flows: tuple[Flow, ...]
    facts: Mapping[str, object]

    def find_step(self, code: str) -> StepView | None:
        """Return any step by its public code, as people type it: `MP-4`, `mp4`."""
        wanted = _bare(code)
        for flow in self.flows:
            for step in flow.steps:
                if _bare(step.code) == wanted:
                    return view_step(ShownStep(step=step, facts=self.facts), flow)
        return None

    def flow_of_step(self, code: str) -> str | None:
        """Return the slug of the flow that has a step of that code."""
        return next((flow.slug for flow in self.flows if code in {step.code for step in flow.steps}), None)


def _bare(code: str) -> str:
    return re.sub(r"[\W_]", "", code).upper()
