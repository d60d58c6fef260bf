"""A panel that shows the agent's sentences and the common problems of a step."""

from collections.abc import Iterator
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
    def has_private_facts(self) -> bool:
        """True if the panel starts with facts that the agent may tell only a verified caller."""
        return not self.is_verified and (self.message is not None or self.refusal is not None)

    @property
    def views(self) -> tuple[StepView, ...]:
        return (self.view,) if self.awaited is None else (self.view, self.awaited)


class AgentStepPanel(VerticalScroll):
    can_focus = True
    help_text = words.SCRIPT_EXPLAINED

    def __init__(self, translator: Translator, shown: ShownGuideStep) -> None:
        super().__init__(id="agent-script")
        pane(self, translator.say(words.NOT_TO_SAY if shown.has_private_facts else words.SAY))
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

    def _known(self) -> Iterator[tuple[TimelineLineTone, Text]]:
        message, refusal = self.shown.message, self.shown.refusal
        for incident in self.incidents:
            yield TimelineLineTone.BAD, incident.heading
        if message is not None:
            yield message.mark, message.labelled
        if refusal is not None:
            yield TimelineLineTone.BAD, refusal.sentence

    def compose(self) -> ComposeResult:
        say = self.translator.say_highlighted
        for mark, sentence in self._known():
            with Horizontal(classes=f"sentence -{mark}"):
                yield PlainTextLine(MARKS[mark], "mark")
                yield PlainTextLine(say(sentence), "known")
        if self.shown.has_private_facts:
            yield PlainTextLine(say(words.SAY), "heading")
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
