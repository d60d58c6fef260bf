"""A panel that shows the agent's sentences and the common problems of a step."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.events import Key, Resize
from textual.screen import Screen
from textual.widgets import Collapsible

from core.desk.error_lookup import ExplainedError
from core.desk.message_status import MessageStatusLine
from core.desk.steps import CommonProblemView, StepView
from core.flows.incident_catalogue import IncidentInLocalTime, incident_words
from core.text.faces import desk_terminal_texts as words
from core.text.faces.timeline_sentences import TimelineLineTone
from core.text.text import Text
from tui import key_bindings
from tui.plain_text_line import PlainTextLine, pane, wrap_with_indent
from tui.timeline_widget import LINEAR, MARKS
from tui.translator import Translator

MOST_NUMBERED = 9
"""Maximum number of common problems that have a digit key."""
BULLET = "–"
SYMBOL_AND_PADDING, SYMPTOM_INDENT = 3, 4
PINNED = "-pinned"


class CollapsedCommonProblem(Collapsible):
    """A common problem that expands to show advice."""

    def __init__(self, *advice: PlainTextLine, title: str, collapsed: bool = True) -> None:
        super().__init__(*advice, title=title, collapsed=collapsed)
        self.symptom = title

    def on_resize(self, event: Resize) -> None:
        self.title = wrap_with_indent(self.symptom, SYMPTOM_INDENT, event.size.width - SYMBOL_AND_PADDING)


@dataclass(frozen=True, slots=True)
class ShownGuideStep:
    view: StepView
    message: MessageStatusLine | None = None
    awaited: StepView | None = None
    incidents: tuple[IncidentInLocalTime, ...] = ()
    refusal: ExplainedError | None = None
    is_verified: bool = False

    @property
    def facts(self) -> tuple[tuple[TimelineLineTone, Text], ...]:
        """What stops the voter. The agent may tell it only a verified caller."""
        message, refusal = self.message, self.refusal
        told = () if message is None else ((message.mark, message.labelled),)
        return told if refusal is None else (*told, (TimelineLineTone.BAD, refusal.sentence))

    @property
    def views(self) -> tuple[StepView, ...]:
        return (self.view,) if self.awaited is None else (self.view, self.awaited)


class FactsPanel(Vertical):
    """Facts about the caller, each with its mark."""

    def __init__(self, translator: Translator, facts: Iterable[tuple[TimelineLineTone, Text]]) -> None:
        super().__init__(classes="facts")
        self.translator = translator
        self.facts = facts

    def compose(self) -> ComposeResult:
        for mark, sentence in self.facts:
            with Horizontal(classes=f"sentence -{mark}"):
                yield PlainTextLine(MARKS[mark], "mark")
                yield PlainTextLine(self.translator.say_highlighted(sentence), "known")


class AgentStepPanel(VerticalScroll):
    can_focus = True
    help_text = words.SCRIPT_EXPLAINED

    def __init__(self, translator: Translator, shown: ShownGuideStep) -> None:
        super().__init__(id="agent-script")
        pane(self, translator.say(words.SAY))
        self.translator = translator
        self.shown = shown
        self.incidents = tuple(map(incident_words, shown.incidents))

    @property
    def script(self) -> tuple[Text, ...]:
        """The sentences that the agent should say now."""
        own = tuple(sentence for view in self.shown.views for sentence in view.agent_text)
        if self.shown.refusal is not None:
            own = tuple(self._with_keys(each) for each in self.shown.refusal.agent)
        known = tuple(sentence for incident in self.incidents for sentence in incident.agent)
        message = self.shown.message
        return known + (message.script if message is not None and message.script else own)

    def _with_keys(self, sentence: Text) -> Text:
        return key_bindings.with_key_names(sentence, self.translator)

    @property
    def problems(self) -> tuple[CommonProblemView, ...]:
        if self.shown.refusal is not None:
            return ()
        return tuple(problem for view in self.shown.views for problem in view.problems)

    def compose(self) -> ComposeResult:
        say = self.translator.say_highlighted
        known = [(TimelineLineTone.BAD, incident.heading) for incident in self.incidents]
        yield FactsPanel(self.translator, (*known, *(self.shown.facts if self.shown.is_verified else ())))
        for sentence in self.script:
            with Horizontal(classes="sentence"):
                yield PlainTextLine(BULLET, "bullet")
                yield PlainTextLine(say(sentence), "say")
        if self.problems:
            with Vertical(id="troubles", classes="" if self.app.has_class(LINEAR) else PINNED):
                yield PlainTextLine(self.translator.say(words.IF_TROUBLE), "heading")
                for number, problem in enumerate(self.problems, start=1):
                    key = f"{number} " if number <= MOST_NUMBERED else "  "
                    with CollapsedCommonProblem(title=f"{key}{self.translator.say(problem.symptom)}"):
                        yield PlainTextLine(say(self._with_keys(problem.advice)), "say")

    @on(Collapsible.Toggled)
    def enlarge_problems_while_one_is_open(self) -> None:
        is_one_open = any(not problem.collapsed for problem in self.query(CollapsedCommonProblem))
        self.query_one("#troubles").set_class(is_one_open, "-opened")

    def open_problem(self, number: int) -> None:
        for place, problem in enumerate(self.query(CollapsedCommonProblem), start=1):
            if place == number:
                problem.collapsed = not problem.collapsed
                self.call_after_refresh(problem.scroll_visible, animate=False)


def open_numbered_problem(screen: Screen[Any], key: Key) -> None:
    if key.character and key.character.isdecimal():
        for script in screen.query(AgentStepPanel):
            script.open_problem(int(key.character))
