"""Where every face knocks: finds the step, reads what was typed, hands the answer on."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from core import errors
from core.service.tools import Tools
from core.service.visit import Line, Turn, Visit
from core.steps import Form, Problems, Shown, Step, named

CASE = "case"
"""The input in which a page says of which case it is; a face that leaves it out is taken to mean the present one."""


@dataclass(frozen=True)
class Reception:
    """All the lines; the first step of the first one is where a visitor begins."""

    lines: Sequence[Line]
    tools: Tools
    _line_of: dict[int, Line] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._line_of.update({id(step): line for line in self.lines for step in line.flow.steps})

    @property
    def first(self) -> Step:
        """Where a visitor begins."""
        return self.lines[0].flow.steps[0]

    def line(self, flow: str) -> Line | None:
        """The line of that flow, by its slug."""
        return next((line for line in self.lines if line.flow.slug == flow), None)

    def find(self, flow: str, slug: str) -> Step:
        """The step at that place. Raises PageNotFound."""
        line = self.line(flow)
        step = None if line is None else line.flow.at(slug)
        if step is None:
            raise errors.PageNotFound
        return step

    def flow_slug(self, step: Step) -> str:
        """The place of the flow that a step belongs to."""
        return self._line_of[id(step)].flow.slug

    def show(self, step: Step, visit: Visit) -> Shown:
        """That step, or the one that is open to this visitor instead. Raises Refusal."""
        return self._line_of[id(step)].show(step, visit)

    def answer(self, step: Step, choice: str, form: Form, visit: Visit) -> Turn:
        """Reads what was typed and does it.

        When the step is not open to this visitor (a button pressed twice, a page gone stale, a page of the case that this
        browser held before), nothing is done and they are taken where they stand. Raises Problems, Refusal.
        """
        line = self._line_of[id(step)]
        try:
            return self._answer(line, step, choice, form, visit)
        except errors.Refusal as refusal:
            line.refused(step, refusal, visit)
            raise

    def turned_away(self, refusal: errors.Refusal) -> None:
        """Hears that a face stopped an act before it was known which, so that the journal has it (rule 12)."""
        self.tools.note_refused(refusal)

    def _answer(self, line: Line, step: Step, choice: str, form: Form, visit: Visit) -> Turn:
        shown = line.show(step, visit)
        if shown.step is not step or form.get(CASE, shown.case) != shown.case:
            return Turn(shown.step, visit)
        act = named(choice, step)
        if act is None:
            raise errors.Unreadable
        try:
            answer = act.read(form)
        except Problems as problems:
            line.rejected(step, problems.by_field, visit)
            raise
        return line.answer(answer, replace(visit, seen=shown.stands))
