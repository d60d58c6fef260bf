"""The list of a flow's steps, each with the mark of its state."""

from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from core.desk.call_guide import GuidedStep, StepStatus, VoterFlowGuide
from core.text.faces import desk_terminal_texts as words
from tui.plain_text_line import wrap_with_indent
from tui.translator import Translator

MARK_OF = {StepStatus.DONE: "✓", StepStatus.PRESENT: "▶", StepStatus.AWAITED: "…", StepStatus.AHEAD: " "}
STYLE_OF = {
    StepStatus.DONE: "$success",
    StepStatus.PRESENT: "bold",
    StepStatus.AWAITED: "$accent",
    StepStatus.AHEAD: "$soft",
}


class StepList(OptionList):
    """Every step with its code; the highlighted one is shown beside the list."""

    help_text = words.STEPS_EXPLAINED

    def __init__(self, translator: Translator) -> None:
        super().__init__(id="steps", markup=False)
        self.translator = translator

    def show(self, guide: VoterFlowGuide) -> None:
        """Update the marks of the steps."""
        prompts = [self._prompt(step) for step in guide.steps]
        if self.option_count == len(prompts):
            for position, prompt in enumerate(prompts):
                self.replace_option_prompt_at_index(position, prompt)
        else:
            self.clear_options()
            self.add_options(map(Option, prompts))

    def _prompt(self, step: GuidedStep) -> Content:
        line = f"{MARK_OF[step.status]} {step.view.code} {self.translator.say(step.view.page.title)}"
        line = wrap_with_indent(line, len(step.view.code) + 3, self.scrollable_content_region.width - 1)
        return Content.styled(line, STYLE_OF[step.status])
