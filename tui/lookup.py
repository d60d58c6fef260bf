"""A step by its code, or a message by its words: what the voter has before them, what goes wrong there, what to say."""

from collections.abc import Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from core.service.desk.explaining import Explained
from core.text import Text
from core.words import desk as words
from tui.dialog import Dialog
from tui.fields import Typed
from tui.line import Line
from tui.meaning import Meaning, MessagePage
from tui.script import Script
from tui.sitting import Sitting
from tui.voter_page import StepPage

INPUT = "code"


class Listed(OptionList):
    """Codes and messages, to choose from."""

    explained = words.LOOKUP_LIST_EXPLAINED


class Found(Vertical):
    """The step of that code or the message of those words; as long as there are several, a list to choose from."""

    typed = reactive("", recompose=True)
    chosen = reactive("", recompose=True)
    """The id of a message taken from the list."""

    def __init__(self, sitting: Sitting, typed: str) -> None:
        super().__init__(id="found")
        self.sitting = sitting
        self.set_reactive(Found.typed, typed)

    def compose(self) -> ComposeResult:
        """One or the other."""
        desk = self.sitting.house.desk
        step = desk.guiding.lookup(self.typed)
        begun = self._begun()
        messages = () if begun else desk.explaining.find(self.typed)
        chosen = [each for each in messages if each.id == self.chosen] or messages
        if step is not None:
            yield self._side_by_side(Script(self.sitting.voice, step.step), StepPage(self.sitting.voice, step.step))
        elif len(chosen) == 1:
            yield self._side_by_side(Meaning(self.sitting.voice, chosen[0]), MessagePage(self.sitting.voice, chosen[0]))
        else:
            yield from self._list(begun, messages)

    def _side_by_side(self, *halves: Widget) -> Horizontal:
        return Horizontal(*halves, id="step")

    @property
    def _codes(self) -> tuple[str, ...]:
        return tuple(step.code for flow in self.sitting.house.desk.guiding.flows for step in flow.steps)

    def _begun(self) -> tuple[str, ...]:
        """The codes that begin like that."""
        typed = self.typed.strip().upper()
        return tuple(code for code in self._codes if typed and code.startswith(typed))

    def _list(self, begun: tuple[str, ...], messages: tuple[Explained, ...]) -> Iterator[Widget]:
        codes = begun
        if not (begun or messages):
            codes = self._codes
            if self.typed:
                yield Line(self.sitting.voice.say(words.LOOKUP_UNKNOWN), "say")
        yield Listed(*map(self._step, codes), *map(self._message, messages), markup=False)

    def _step(self, code: str) -> Option:
        found = self.sitting.house.desk.guiding.lookup(code)
        title = "" if found is None else self.sitting.voice.say(found.step.title)
        return Option(f"{code}  {title}", id=code)

    def _message(self, found: Explained) -> Option:
        voice = self.sitting.voice
        where = " ".join(place.code for place in found.places) or voice.say(found.remedies[0])
        return Option(Content.assemble(voice.say(found.sentence), "\n", (where, "$soft")), id=found.id)


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
        found = self.query_one(Found)
        found.chosen = ""
        found.typed = event.value

    def on_input_submitted(self) -> None:
        """On to what was found."""
        self.focus_next()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A step as if its code had been typed; a message stays where its words are."""
        chosen = event.option_id or ""
        typed = self.query_one(Typed)
        if self.sitting.house.desk.guiding.lookup(chosen) is not None:
            typed.value = chosen
        else:
            self.query_one(Found).chosen = chosen
        typed.focus()
