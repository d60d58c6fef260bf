"""A step by its code: what the voter has before them, what goes wrong there, and what to say."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.reactive import reactive
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from core.steps import Shown, Step
from core.text import Text
from core.words import desk as words
from tui.dialog import Dialog
from tui.fields import Typed
from tui.line import Line
from tui.script import Script
from tui.sitting import Sitting
from tui.voter_page import VoterPage

INPUT = "code"


class Found(Vertical):
    """The step of a whole code; for the beginning of one, those that begin so."""

    typed = reactive("", recompose=True)

    def __init__(self, sitting: Sitting, typed: str) -> None:
        super().__init__(id="found")
        self.sitting = sitting
        self.set_reactive(Found.typed, typed)

    @property
    def steps(self) -> list[Step]:
        """The steps whose code begins as typed, in any writing: "mp4" is one."""
        wanted = bare(self.typed)
        flows = (line.flow for line in self.sitting.house.reception.lines)
        return [step for flow in flows for step in flow.steps if bare(step.code).startswith(wanted)]

    def compose(self) -> ComposeResult:
        """One of three."""
        voice, steps = self.sitting.voice, self.steps
        if len(steps) == 1:
            with Horizontal(id="step"):
                yield Script(voice, steps[0])
                yield VoterPage(voice, Shown(step=steps[0]))
        elif steps:
            listed = (Option(f"{step.code}  {voice.say(step.copy.title)}", id=step.code) for step in steps)
            yield OptionList(*listed, markup=False)
        else:
            yield Line(voice.say(words.LOOKUP_UNKNOWN), "say")


class Lookup(Dialog[None]):
    """Follows what is typed, letter by letter."""

    CSS_PATH = "lookup.tcss"
    heading: ClassVar[Text] = words.LOOKUP_TITLE
    explained: ClassVar[Text] = words.LOOKUP_EXPLAINED
    AUTO_FOCUS = f"#{INPUT}"

    def __init__(self, sitting: Sitting, typed: str) -> None:
        super().__init__(sitting)
        self.typed = typed

    def inside(self) -> ComposeResult:
        """The input, and below it what it finds."""
        yield Typed(INPUT, typed=self.typed)
        yield Found(self.sitting, self.typed)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Looks at each letter."""
        self.typed = event.value
        self.query_one(Found).typed = event.value

    def on_input_submitted(self) -> None:
        """On to what was found."""
        self.focus_next()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """As if its code had been typed."""
        self.query_one(Typed).value = event.option_id or ""


def bare(code: str) -> str:
    """A code as people type it: without its hyphen, in any case."""
    return "".join(filter(str.isalnum, code)).upper()
