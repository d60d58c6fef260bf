"""The home: what needs attention now, the day's counts, and how a call begins."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from core.service.desk.home import Attention, Overview
from core.text import Moment, Text, TimeOfDay
from core.words import desk as words
from tui import keys
from tui.deeds import Deed
from tui.line import Line
from tui.messages import FileWanted
from tui.on_duty import Following
from tui.sitting import Sitting
from tui.timeline import MARKS, written

LOOK_SECONDS = 1.0


class AttentionList(OptionList):
    """What needs attention, the gravest first."""

    explained = words.ATTENTION_EXPLAINED


class HomeScreen(Following):
    """Follows by itself."""

    CSS_PATH = "home.tcss"
    explained: ClassVar[Text] = words.HOME_EXPLAINED
    AUTO_FOCUS = "ActButton"
    look_seconds: ClassVar[float] = LOOK_SECONDS

    def __init__(self, sitting: Sitting) -> None:
        super().__init__(sitting)
        self.overview: Overview | None = None
        """None as long as it is being read."""

    def inside(self) -> ComposeResult:
        """How a call begins, then what to look at, with the counts beside."""
        voice = self.sitting.voice
        with Horizontal(id="home"):
            with Vertical(id="left"):
                yield Line(self.say(words.TO_BEGIN), "heading")
                for binding in (keys.FIND, keys.CODE):
                    yield Deed(voice, binding)
                yield Line(self.say(words.TODAY), "heading")
                yield Line("", id="counts")
            with Vertical(id="right"):
                yield Line(self.say(words.ATTENTION), "heading")
                yield Line("", id="calm")
                yield AttentionList(markup=False)
                if self.sitting.tips:
                    yield Line(self.say(words.TO_TRY), "heading")
                    for tip in self.sitting.tips:
                        yield Line(voice.tell(tip), "tip")

    def on_mount(self) -> None:
        """What was read, once there is a list to show it in."""
        super().on_mount()
        self.draw()

    async def redraw(self) -> None:
        """And what was read."""
        await super().redraw()
        self.draw()

    async def look(self) -> None:
        """Reads it anew."""
        home, duty = self.sitting.house.desk.home, self.sitting.on_duty
        overview = await self.ask(lambda: home.look(duty))
        if overview is not None and overview != self.overview:
            self.overview = overview
            self.draw()

    def draw(self) -> None:
        """The counts and the list; the highlight stays on its line."""
        voice, overview = self.sitting.voice, self.overview or Overview((), ())
        for deed in self.query(Deed):
            deed.explain()
        self.query_one("#counts", Line).write(Content("\n").join(map(voice.tell, overview.counts)))
        calm = self.query_one("#calm", Line)
        calm.write(self.say(words.READING if self.overview is None else words.NO_ATTENTION))
        calm.display = not overview.attention
        listed = self.query_one(AttentionList)
        at = listed.highlighted
        listed.clear_options()
        listed.add_options(Option(self._line(each)) for each in overview.attention)
        if overview.attention:
            listed.highlighted = min(at or 0, len(overview.attention) - 1)

    def _line(self, each: Attention) -> Content:
        voice = self.sitting.voice
        case = None if each.case is None else self.say(words.CASE_NUMBERED, case=each.case)
        about = " · ".join(part for part in (each.name, case, self._since(each)) if part)
        return Content.assemble(f"{MARKS[each.mark]} {voice.say(each.sentence)}\n", (f"  {about}", "$soft"))

    def _since(self, each: Attention) -> str:
        house = self.sitting.house
        today = house.calendar.local(house.clock.now()).date() == each.since.date()
        return written(self.sitting.voice, TimeOfDay(each.since) if today else Moment(each.since))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Opens what the line is about."""
        if self.overview is None:
            return
        chosen = self.overview.attention[event.option_index]
        if chosen.voter is not None or chosen.case is not None:
            self.post_message(FileWanted(chosen.voter, chosen.case))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  # Textual's signature
        """There is nothing to go back to."""
        return action != "back"
