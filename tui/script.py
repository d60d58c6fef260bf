"""What the agent says at a step, and the words for what usually goes wrong there."""

from collections.abc import Mapping

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Collapsible

from core.steps import Step
from core.words import desk as words
from tui.line import Line
from tui.voice import NO_FACTS, Voice


class Difficulty(Collapsible):
    """What usually goes wrong, closed until it is met; then what to say."""


class Script(VerticalScroll):
    """The agent's voice at one step."""

    can_focus = True
    explained = words.SCRIPT_EXPLAINED

    def __init__(self, voice: Voice, step: Step, facts: Mapping[str, object] = NO_FACTS) -> None:
        super().__init__(id="script")
        self.voice = voice
        self.step = step
        self.facts = facts

    def compose(self) -> ComposeResult:
        """What to say, then each trouble, closed until it is met."""
        voice, copy = self.voice, self.step.copy
        yield Line(voice.say(words.SAY), "heading")
        for sentence in copy.agent:
            yield Line(voice.tell(sentence, self.facts), "say")
        if copy.troubles:
            yield Line(voice.say(words.IF_TROUBLE), "heading")
        for trouble in copy.troubles:
            with Difficulty(title=voice.say(trouble.sign, self.facts)):
                yield Line(voice.tell(trouble.agent, self.facts), "say")
