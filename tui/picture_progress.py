"""A line on a demo's home screen with the number of taken pictures of the help."""

from tui.plain_text_line import PlainTextLine
from tui.terminal_session import TerminalSession

SECONDS = 5.0


class HelpPictureProgressLine(PlainTextLine):
    """The number of taken pictures, hidden after the last one."""

    def __init__(self, session: TerminalSession) -> None:
        super().__init__("", "tip")
        self._terminal = session

    def on_mount(self) -> None:
        self.count_pictures()
        self.set_interval(SECONDS, self.count_pictures)

    def count_pictures(self) -> None:
        told = self._terminal.pictures()
        self.display = told is not None
        if told is not None:
            self.write(self._terminal.translator.say(told))
