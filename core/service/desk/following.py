"""Where a case stands, for whoever guides: the flow says which line of the journal means which step."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.answers import masked
from core.ports import Act, Recovery, Written
from core.service.reception import Reception
from core.service.visit import Line
from core.steps import Flow, Shown, Step
from core.text import Text

CHANGES = frozenset({Act.PASSWORD_CHOSEN, Act.CODE_ACCEPTED, Act.FROZEN, Act.UNFROZEN})
"""What is followed by a notice."""


@dataclass(frozen=True, slots=True)
class Following:
    """Follows the cases of every flow."""

    reception: Reception

    def flow(self, slug: str) -> Flow:
        """The definition."""
        return self._line(slug).flow

    def title(self, slug: str) -> Text:
        """What that flow is called."""
        return self.flow(slug).title

    def code_of(self, act: Act, slug: str | None) -> str | None:
        """The public code of the step where that happens, in that flow."""
        step = None if slug is None else self.flow(slug).reached.get(act)
        return None if step is None else step.code

    def address(self, case: Recovery) -> str:
        """What was typed at its beginning, masked; empty where nothing was."""
        typed = self._line(case.flow).standing(case).facts.get("address")
        return masked(typed) if isinstance(typed, str) else ""

    def present(self, case: Recovery, history: Sequence[Written]) -> Shown:
        """The step where the voter is, with its facts."""
        line = self._line(case.flow)
        shown = line.standing(case)
        step = reached(line.flow, history)
        return shown if step is None else Shown(step=step, facts=shown.facts, case=case.number)

    def _line(self, slug: str) -> Line:
        line = self.reception.line(slug)
        assert line is not None  # noqa: S101  # the store knows the states of our flows only
        return line


def reached(flow: Flow, history: Sequence[Written]) -> Step | None:
    """The furthest step that the journal tells of, since the last time a message was asked for."""
    found: Step | None = None
    for act in (written.event.act for written in history):
        step = flow.reached.get(act)
        if step is not None and (act is Act.ASKED or found is None or _later(flow, step, found)):
            found = step
    return found


def _later(flow: Flow, step: Step, than: Step) -> bool:
    places = {id(each): place for place, each in enumerate(flow.steps)}
    return places[id(step)] > places[id(than)]


def notices(history: Sequence[Written]) -> frozenset[int]:
    """The lines about the message that follows a change, rather than about the one that was asked for."""
    found, changed = set[int](), set[str | None]()
    for written in history:
        event = written.event
        if event.act in CHANGES:
            changed.add(event.case)
        elif event.act is Act.ASKED:
            changed.discard(event.case)
        elif event.case in changed:
            found.add(written.line)
    return frozenset(found)
