"""A dialog that looks up a step or an error message. It shows the voter's page and what the agent should say."""

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from core.desk.error_lookup import ErrorLookupResult, ExplainedError, FoundCommonProblem
from core.text.faces import desk_terminal_texts as words
from core.text.faces import help_page_texts, page_frame_texts
from core.text.text import Language
from tui.agent_script import AgentStepPanel, ShownGuideStep
from tui.dialogs import Dialog
from tui.field_widgets import FieldInput
from tui.key_bindings import with_key_names
from tui.page_preview import StepPagePreview, VoterPagePreview
from tui.plain_text_line import MUTED, PlainTextLine, pane
from tui.terminal_session import TerminalSession
from tui.translator import Translator

INPUT = "code"
TROUBLE = "trouble-"


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
    """A preview of an error as the voter sees it, either as a whole page or as a line beside a field."""

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


class StepAndErrorResultList(OptionList):
    help_text = words.LOOKUP_LIST_EXPLAINED


class StepOrErrorResult(Vertical):
    typed = reactive("", recompose=True)
    chosen = reactive("", recompose=True)

    def __init__(
        self, session: TerminalSession, typed: str, chosen: str = "", trouble: FoundCommonProblem | None = None
    ) -> None:
        super().__init__(id="found")
        self.session = session
        self.trouble = trouble
        self.set_reactive(StepOrErrorResult.typed, typed)
        self.set_reactive(StepOrErrorResult.chosen, chosen)

    def compose(self) -> ComposeResult:
        desk, translator = self.session.desk, self.session.translator
        step = desk.steps.find_step(self.typed)
        codes = tuple(step.code for flow in desk.steps.flows for step in flow.steps)
        typed = self.typed.strip().upper()
        begun = tuple(code for code in codes if typed and code.startswith(typed))
        looked_up = ErrorLookupResult() if begun else desk.messages.find_messages_and_problems(self.typed)
        messages, troubles = looked_up.messages, looked_up.troubles
        chosen = [each for each in messages if each.id == self.chosen] or messages
        alone = looked_up.certain and not troubles
        if step is not None:
            script = AgentStepPanel(translator, ShownGuideStep(step))
            yield Horizontal(script, StepPagePreview(translator, step, desk.steps.definition(step.code)), id="step")
            if self.trouble is not None:
                symptoms = [each.symptom.msgid for each in step.problems]
                self.call_after_refresh(script.open_problem, symptoms.index(self.trouble.symptom.msgid) + 1)
        elif len(chosen) == 1 and (alone or self.chosen):
            message = chosen[0]
            yield Horizontal(
                ErrorExplanationPanel(translator, message), ErrorPagePreview(translator, message), id="step"
            )
        else:
            if self.typed and not (begun or messages or troubles):
                yield PlainTextLine(translator.say(words.LOOKUP_UNKNOWN), "say")
            elif (messages or troubles) and not looked_up.certain:
                yield PlainTextLine(translator.say(words.LOOKUP_PERHAPS), "say")
            listed = begun if begun or messages or troubles else codes
            yield StepAndErrorResultList(
                *map(self._step_option, listed),
                *map(self._message_option, messages),
                *(self._trouble_option(number, each) for number, each in enumerate(troubles)),
                markup=False,
            )

    def _step_option(self, code: str) -> Option:
        found = self.session.desk.steps.find_step(code)
        title = "" if found is None else self.session.translator.say(found.page.title)
        return Option(f"{code}  {title}", id=code)

    def _trouble_option(self, number: int, trouble: FoundCommonProblem) -> Option:
        say = self.session.translator.say
        hint = f"{say(words.IS_TROUBLE)} · {trouble.step.code}"
        return Option(Content.assemble(say(trouble.symptom), "\n", (f"  {hint}", MUTED)), id=f"{TROUBLE}{number}")

    def _message_option(self, message: ExplainedError) -> Option:
        translator = self.session.translator
        hint = " ".join(step.code for step in message.steps) or translator.say(message.remedies[0])
        return Option(Content.assemble(translator.say(message.sentence), "\n", (hint, MUTED)), id=message.id)


class StepOrErrorLookup(Dialog[str]):
    CSS_PATH = "lookup_screen.tcss"
    heading = words.LOOKUP_TITLE
    help_text = words.LOOKUP_EXPLAINED
    AUTO_FOCUS = f"#{INPUT}"

    def __init__(
        self,
        session: TerminalSession,
        typed: str,
        remember_step: Callable[[str], None],
        *,
        chosen: str = "",
        trouble: FoundCommonProblem | None = None,
        returns_step: bool = False,
    ) -> None:
        super().__init__(session)
        self.returns_step = returns_step
        self.typed = typed
        self.remember_step = remember_step
        self.chosen = chosen
        self.trouble = trouble

    def compose_body(self) -> ComposeResult:
        yield FieldInput(INPUT, typed=self.typed)
        yield StepOrErrorResult(self.session, self.typed, self.chosen, self.trouble)

    def on_mount(self) -> None:
        self._report_shown_step()

    def _report_shown_step(self) -> None:
        step = self.session.desk.steps.find_step(self.typed)
        if step is not None:
            self.remember_step(step.code)

    def on_input_changed(self, event: Input.Changed) -> None:
        if event.value == self.typed:
            return
        self.typed, self.chosen, self.trouble = event.value, "", None
        self._report_shown_step()
        found = self.query_one(StepOrErrorResult)
        found.trouble = None
        found.chosen = ""
        found.typed = event.value

    def on_input_submitted(self) -> None:
        step = self.session.desk.steps.find_step(self.typed)
        if step is not None and self.returns_step:
            self.dismiss(step.code)
        else:
            self.focus_next()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        chosen, code = event.option_id or "", self.query_one(FieldInput)
        found = self.query_one(StepOrErrorResult)
        if chosen.startswith(TROUBLE):
            trouble = self.session.desk.messages.find_messages_and_problems(self.typed).troubles[
                int(chosen.removeprefix(TROUBLE))
            ]
            self.show_step(trouble.step.code, trouble)
        elif self.session.desk.steps.find_step(chosen) is not None:
            self.show_step(chosen)
        else:
            found.chosen = chosen
        code.focus()

    def show_step(self, code: str, trouble: FoundCommonProblem | None = None) -> None:
        found = self.query_one(StepOrErrorResult)
        self.typed = self.query_one(FieldInput).value = code
        self.remember_step(code)
        found.trouble, found.chosen, found.typed = trouble, "", code
