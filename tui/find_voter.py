"""Finding a voter as one types."""

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from core.service.desk.finding import Found
from core.text import Text
from core.words import desk as words
from tui.dialog import Dialog
from tui.fields import Typed
from tui.line import Line

LISTED = 20


class FindVoter(Dialog[Found]):
    """Returns the person chosen."""

    CSS_PATH = "find_voter.tcss"
    heading: ClassVar[Text] = words.FIND_TITLE
    explained: ClassVar[Text] = words.FIND_EXPLAINED
    AUTO_FOCUS = "Typed"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move('down')", show=False),
        Binding("up", "move('up')", show=False),
    ]

    found: tuple[Found, ...] = ()

    def inside(self) -> ComposeResult:
        """The input, the list that follows it, and what is to be said of the list."""
        yield Typed("typed", placeholder=self.say(words.FIND_BY))
        yield OptionList(id="list", markup=False)
        yield Line("", id="of-the-list")

    @work(exclusive=True)
    async def on_input_changed(self, event: Input.Changed) -> None:
        """Looks; what is typed meanwhile replaces this."""
        typed, duty = event.value, self.sitting.on_duty
        findings = await self.ask(lambda: self.sitting.house.desk.finding.find(duty, typed, LISTED))
        if findings is not None:
            self.found = findings.found
            self._list()
            self.query_one("#of-the-list", Line).write("" if findings.notice is None else self.say(findings.notice))

    def _list(self) -> None:
        listed = self.query_one(OptionList)
        listed.clear_options()
        listed.add_options(Option(self._line(each), id=str(number)) for number, each in enumerate(self.found))
        listed.highlighted = 0 if self.found else None

    def _line(self, found: Found) -> Content:
        where = " · ".join(part for part in (found.academie, found.address, found.case) if part)
        apart = " ; ".join(self.say(each) for each in found.apart)
        second = "\n".join(part for part in (where, apart) if part)
        return Content.assemble((found.name or found.case or "", "bold"), "\n", (second, "$soft"))

    def action_move(self, way: str) -> None:
        """Moves in the list while one goes on typing."""
        listed = self.query_one(OptionList)
        listed.action_cursor_down() if way == "down" else listed.action_cursor_up()

    def on_input_submitted(self) -> None:
        """Takes the one highlighted."""
        self.query_one(OptionList).action_select()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """That one."""
        self.dismiss(self.found[int(event.option_id or 0)])
