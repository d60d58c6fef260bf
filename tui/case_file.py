"""A case told by its number, of somebody who is not known: what happened, and where they are. Nothing can be done there."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical

from core.service.desk.files import CaseFile, TimelineLine
from core.text import Text
from core.words import desk as words
from tui import keys
from tui.deeds import Deed
from tui.line import Line
from tui.on_duty import Following
from tui.sitting import Sitting
from tui.timeline import Timeline


class CaseFileScreen(Following):
    """Follows by itself."""

    CSS_PATH = "voter_file.tcss"
    explained: ClassVar[Text] = words.CASE_EXPLAINED
    AUTO_FOCUS = "ActButton"
    BINDINGS: ClassVar[list[BindingType]] = [keys.OPEN_STEP]

    def __init__(self, sitting: Sitting, file: CaseFile) -> None:
        super().__init__(sitting)
        self.file = file
        self.lines: tuple[TimelineLine, ...] = ()

    @property
    def where(self) -> str:
        """Which case."""
        return self.say(words.CASE_AT_STEP, case=self.file.case.number, step=self.file.case.step.code)

    def inside(self) -> ComposeResult:
        """As a voter's file, with the little that is known."""
        voice, file = self.sitting.voice, self.file
        with Horizontal(id="file"):
            with Vertical(id="left"):
                yield Line(self.say(file.case.title), "name")
                yield Line(file.address, "soft")
                yield Line(self.say(words.CASE_EXPLAINED), "hint")
                yield Line(self.say(words.DEEDS), "heading")
                yield Deed(voice, keys.OPEN_STEP)
            with Vertical(id="right"):
                yield Line(self.say(words.TIMELINE), "heading")
                yield Timeline(voice, self.lines)

    async def look(self) -> None:
        """What happened since."""
        lines = await self.ask(self._read)
        if lines is not None:
            self.lines = lines
            await self.query_one(Timeline).show(lines)

    def _read(self) -> tuple[TimelineLine, ...]:
        return self.sitting.house.desk.files.case_timeline(self.sitting.on_duty, self.file.case.number)

    async def action_open_step(self) -> None:
        """The step where they are, with what to say."""
        await self.app.run_action(f"look_up('{self.file.case.step.code}')")
