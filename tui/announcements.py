"""Announcements for screen readers, shown at the bottom of the screen."""

from textual.widget import Widget
from textual.widgets import Button, OptionList

from tui.field_widgets import FieldInput, FieldWidget
from tui.plain_text_line import PlainTextLine
from tui.terminal_session import TerminalSession


class LinearModeAnnouncements(PlainTextLine):
    def __init__(self, session: TerminalSession) -> None:
        super().__init__("\n".join(session.recent_announcements))
        self.session = session

    def show(self) -> None:
        self.write("\n".join(self.session.recent_announcements))


def screen_reader_name(widget: Widget, session: TerminalSession) -> str:
    """Return the text that a screen reader announces for a focused widget."""
    match widget:
        case Button():
            return str(widget.label)
        case FieldInput():
            fields = [each for each in widget.ancestors if isinstance(each, FieldWidget)]
            label = session.translator.say(fields[0].field.label) if fields else widget.placeholder
            return " ".join(part for part in (label, *(each for each in _part_label(widget))) if part)
        case OptionList():
            return highlighted_line(widget)
        case _:
            return ""


def highlighted_line(options: OptionList) -> str:
    option = options.highlighted_option
    return "" if option is None else " ".join(str(option.prompt).split())


def _part_label(widget: FieldInput) -> list[str]:
    if widget.maximum_digits is None or widget.parent is None:
        return []
    before = widget.parent.children[widget.parent.children.index(widget) - 1]
    return [str(before.visual)] if isinstance(before, PlainTextLine) else []
