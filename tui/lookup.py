"""A step by its code: what the voter has before them, what goes wrong there, and what to say."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.reactive import reactive
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

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
    """The step of that code; as long as there is none, all the codes, to choose from."""

    typed = reactive("", recompose=True)

    def __init__(self, sitting: Sitting, typed: str) -> None:
        super().__init__(id="found")
        self.sitting = sitting
        self.set_reactive(Found.typed, typed)

    def compose(self) -> ComposeResult:
        """One or the other."""
        voice, guiding = self.sitting.voice, self.sitting.house.desk.guiding
        found = guiding.lookup(self.typed)
        if found is not None:
            with Horizontal(id="step"):
                yield Script(voice, found.step)
                yield VoterPage(voice, found.step)
            return
        codes = [step.code for flow in guiding.flows for step in flow.steps]
        begun = [code for code in codes if code.startswith(self.typed.strip().upper())]
        if not begun:
            yield Line(voice.say(words.LOOKUP_UNKNOWN), "say")
        yield OptionList(*map(self._option, begun or codes), markup=False)

    def _option(self, code: str) -> Option:
        found = self.sitting.house.desk.guiding.lookup(code)
        title = "" if found is None else self.sitting.voice.say(found.step.title)
        return Option(f"{code}  {title}", id=code)


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
