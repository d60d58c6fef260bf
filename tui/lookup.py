"""A dialog that explains a step or an error message."""

from textual import work
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.events import Key
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from core.desk.error_lookup import ExplainedError, FoundCommonProblem
from core.desk.steps import StepTitle
from core.text.faces import desk_terminal_texts as words
from core.text.faces import help_page_texts, page_frame_texts
from core.text.text import Language, Text
from tui.agent_script import AgentStepPanel, ShownGuideStep, open_numbered_problem
from tui.base_screen import ACTION_GROUP
from tui.dialogs import Dialog
from tui.key_bindings import cites_key, with_key_names
from tui.page_preview import StepPagePreview, VoterPagePreview
from tui.plain_text_line import PlainTextLine, pane
from tui.terminal_session import TerminalSession
from tui.translator import Translator


class ErrorExplanationPanel(VerticalScroll):
    can_focus = True
    help_text = words.MESSAGE_EXPLAINED

    def __init__(self, translator: Translator, message: ExplainedError) -> None:
        super().__init__(id="message-explanation")
        pane(self, translator.say(words.EXPLANATION))
        self.translator = translator
        self.message = message

    def compose(self) -> ComposeResult:
        translator, message = self.translator, self.message
        if message.cause is not None:
            yield PlainTextLine(translator.say(help_page_texts.CAUSE), "heading")
            yield PlainTextLine(translator.say_highlighted(message.cause), "say")
        if not message.is_page:
            yield PlainTextLine(translator.say(help_page_texts.REMEDY), "heading")
            yield from (PlainTextLine(translator.say(each), "say") for each in message.remedies)
        if message.agent:
            yield PlainTextLine(translator.say(words.SAY), "heading")
        for sentence in message.agent:
            yield PlainTextLine(translator.say_highlighted(with_key_names(sentence, translator)), "say")
        if message.steps:
            yield PlainTextLine(translator.say(help_page_texts.SEEN_AT), "heading")
            options = (Option(f"{step.code}  {translator.say(step.title)}", id=step.code) for step in message.steps)
            yield OptionList(*options, markup=False)


class ErrorPagePreview(VoterPagePreview):
    """Shows the error message that the voter sees on a page or beside a field."""

    def __init__(self, translator: Translator, message: ExplainedError, language: Language | None = None) -> None:
        super().__init__(translator, language)
        self.message = message

    def compose(self) -> ComposeResult:
        if self.message.is_page:
            yield self.text_line(self.message.sentence, "title")
            for remedy in self.message.remedies:
                yield self.text_line(remedy, "paragraph")
            yield self.drawn_button(page_frame_texts.BACK_HOME)
        else:
            error, sentence = map(self.translator.say, (page_frame_texts.ERROR, self.message.sentence))
            yield PlainTextLine(f"{error} {sentence}", "title")


class StepOrErrorLookup(Dialog[None]):
    CSS_PATH = "lookup_screen.tcss"
    heading = words.LOOKUP_TITLE
    help_text = words.LOOKUP_EXPLAINED
    AUTO_FOCUS = "AgentStepPanel, ErrorExplanationPanel"

    def __init__(self, session: TerminalSession, found: StepTitle | FoundCommonProblem | ExplainedError) -> None:
        super().__init__(session)
        self.found = found

    def compose_body(self) -> ComposeResult:
        translator, found = self.session.translator, self.found
        with Horizontal(id="step"):
            if isinstance(found, ExplainedError):
                yield ErrorExplanationPanel(translator, found)
                yield ErrorPagePreview(translator, found)
            else:
                yield from self._step(found.step.code if isinstance(found, FoundCommonProblem) else found.code)
        if any(cites_key(each) for each in self._advice):
            yield PlainTextLine(self.say(words.KEYS_IN_FILE), "hint")

    @property
    def _advice(self) -> tuple[Text, ...]:
        found = self.found
        if isinstance(found, ExplainedError):
            return found.agent
        view = self.session.desk.steps.find_step(
            found.step.code if isinstance(found, FoundCommonProblem) else found.code
        )
        return () if view is None else tuple(problem.advice for problem in view.problems)

    def _step(self, code: str) -> ComposeResult:
        steps, translator, found = self.session.desk.steps, self.session.translator, self.found
        view = steps.find_step(code)
        if view is None:
            return
        script = AgentStepPanel(translator, ShownGuideStep(view))
        yield script
        yield StepPagePreview(translator, view, steps.definition(code))
        if isinstance(found, FoundCommonProblem):
            symptoms = [each.symptom.msgid for each in view.problems]
            self.call_after_refresh(script.open_problem, symptoms.index(found.symptom.msgid) + 1)

    def on_key(self, event: Key) -> None:
        open_numbered_problem(self, event)

    @work(group=ACTION_GROUP)
    async def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        if isinstance(self.found, ExplainedError):
            self.found = self.found.steps[event.option_index]
            await self.redraw()
