"""What the agent says at a step, and the words for what usually goes wrong there."""

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Collapsible

from core.service.desk.seeing import SeenStep
from core.words import desk as words
from tui.line import Line
from tui.voice import Voice


class Difficulty(Collapsible):
    """What usually goes wrong, closed until it is met; then what to say."""


class Script(VerticalScroll):
    """The agent's voice at one step."""

    can_focus = True
    explained = words.SCRIPT_EXPLAINED

    def __init__(self, voice: Voice, seen: SeenStep) -> None:
        super().__init__(id="script")
        self.voice = voice
        self.seen = seen

    def compose(self) -> ComposeResult:
        """What to say, then each trouble."""
        voice = self.voice
        yield Line(voice.say(words.SAY), "heading")
        for sentence in self.seen.say:
            yield Line(voice.tell(sentence), "say")
        if self.seen.troubles:
            yield Line(voice.say(words.IF_TROUBLE), "heading")
        for trouble in self.seen.troubles:
            with Difficulty(title=voice.say(trouble.sign)):
                yield Line(voice.tell(trouble.say), "say")
