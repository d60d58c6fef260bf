"""Shows the agent's script for a step beside the voter's page."""

from textual.containers import Horizontal, Vertical

from core.desk.guide import StepStatus, VoterFlowGuide
from core.text.faces import desk_terminal_texts as words
from tui.agent_script import AgentStepPanel, FactsPanel, ShownGuideStep
from tui.key_bindings import with_key_names
from tui.lookup import ErrorPagePreview
from tui.page_preview import StepPagePreview, VoterPagePreview
from tui.plain_text_line import pane
from tui.terminal_session import TerminalSession


def present_step(guide: VoterFlowGuide) -> ShownGuideStep:
    """Return the voter's current step and the message that the voter is waiting for."""
    awaited = (step.view for step in guide.steps if step.status is StepStatus.AWAITED)
    view = guide.steps[guide.present].view
    return ShownGuideStep(view, guide.message, next(awaited, None), guide.incidents, guide.refusal, guide.is_verified)


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
        facts, script = FactsPanel(translator, shown.facts), AgentStepPanel(translator, shown)
        if shown.facts and not shown.is_verified:
            title = translator.say(with_key_names(words.NOT_TO_SAY, translator))
            left = Vertical(pane(facts, title), script, id="script", classes="-with-facts")
        else:
            left = Vertical(script, id="script")
        async with self.batch():
            await self.remove_children()
            await self.mount(left, self._page(shown))

    def _page(self, shown: ShownGuideStep) -> VoterPagePreview:
        translator, refusal = self.session.translator, shown.refusal
        if refusal is None or not refusal.is_page:
            return StepPagePreview(translator, shown.view, self.session.desk.steps.definition(shown.view.code))
        return ErrorPagePreview(translator, refusal, shown.view.page.language)
