"""What the agent says at a step, with the voter's page beside it."""

from textual.containers import Horizontal

from core.desk.guide import StepStatus, VoterFlowGuide
from tui.agent_script import AgentStepPanel, ShownGuideStep
from tui.page_preview import StepPagePreview
from tui.terminal_session import TerminalSession


def present_step(guide: VoterFlowGuide) -> ShownGuideStep:
    """Return the step that the voter has reached, with the message that the voter is waiting for."""
    awaited = (step.view for step in guide.steps if step.status is StepStatus.AWAITED)
    return ShownGuideStep(guide.steps[guide.present].view, guide.message, next(awaited, None), guide.incidents)


class GuidedStepPanes(Horizontal):
    def __init__(self, session: TerminalSession) -> None:
        super().__init__(id="step")
        self.session = session
        self.drawn: ShownGuideStep | None = None

    async def show(self, shown: ShownGuideStep) -> None:
        if shown == self.drawn:
            return
        self.drawn = shown
        translator = self.session.translator
        async with self.batch():
            await self.remove_children()
            step = self.session.desk.steps.definition(shown.view.code)
            await self.mount(AgentStepPanel(translator, shown), StepPagePreview(translator, shown.view, step))
