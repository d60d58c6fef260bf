"""Shows how many screenshots for a demo's help pages are finished."""

from tui.plain_text_line import PlainTextLine
from tui.terminal_session import TerminalSession

SECONDS = 5.0


class HelpPictureProgressLine(PlainTextLine):
    def __init__(self, session: TerminalSession) -> None:
        super().__init__("", "tip")
        self._terminal = session

    def on_mount(self) -> None:
        self.count_pictures()
        self.set_interval(SECONDS, self.count_pictures)

    def count_pictures(self) -> None:
        progress = self._terminal.missing_pictures_notice()
        self.display = progress is not None
        if progress is not None:
            self.write(self._terminal.translator.say(progress))
