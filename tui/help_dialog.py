"""The help dialog. It explains the focused widget and the screen, and lists the keys."""

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, ItemGrid, VerticalScroll
from textual.screen import Screen

from core.text.faces import desk_terminal_texts as words
from core.text.text import Text
from tui import key_bindings
from tui.dialogs import Dialog
from tui.plain_text_line import PlainTextLine
from tui.terminal_session import TerminalSession


class HelpDialog(Dialog[None]):
    CSS_PATH = "help_dialog.tcss"
    heading = words.HELP_TITLE
    help_text = words.KEY_HELP_EXPLAINED

    def __init__(self, session: TerminalSession, sentences: tuple[Text, ...], bindings: tuple[Binding, ...]) -> None:
        super().__init__(session)
        self.sentences = sentences
        self.key_bindings = bindings

    def compose_body(self) -> ComposeResult:
        translator = self.session.translator
        with VerticalScroll(id="help"):
            for sentence in self.sentences:
                yield PlainTextLine(self.say(sentence), "say")
            yield PlainTextLine(self.say(words.HELP_KEYS), "heading")
            for binding in self.key_bindings:
                with Horizontal(classes="help-key"):
                    yield PlainTextLine(key_bindings.key_name(binding, translator), "key-name")
                    yield PlainTextLine(key_bindings.action_explanation(binding, translator), "key-does")
            yield PlainTextLine(self.say(words.HELP_MOVING), "hint")


def help_sentences_for_focused_widget(screen: Screen[object]) -> tuple[Text, ...]:
    nodes = [] if screen.focused is None else screen.focused.ancestors_with_self
    texts = (getattr(node, "help_text", ()) for node in (*nodes, screen))
    every = (text for each in texts for text in ((each,) if isinstance(each, Text) else each))
    return tuple({text.msgid: text for text in every if text.msgid}.values())


def explained_keys_of(screen: Screen[object]) -> tuple[Binding, ...]:
    return tuple(active.binding for active in key_bindings.explained_bindings(screen.active_bindings.values()))


class CheatSheet(Dialog[None]):
    CSS_PATH = "cheat_sheet.tcss"
    heading = words.CHEAT_SHEET_TITLE
    help_text = words.KEY_CHEAT_SHEET_EXPLAINED

    def __init__(self, session: TerminalSession, bindings: tuple[Binding, ...]) -> None:
        super().__init__(session)
        everywhere = {binding.action for binding in key_bindings.EVERYWHERE}
        self.groups = (
            (words.HELP_KEYS, tuple(each for each in bindings if each.action not in everywhere)),
            (words.KEYS_EVERYWHERE, tuple(each for each in bindings if each.action in everywhere)),
        )

    def compose_body(self) -> ComposeResult:
        translator = self.session.translator
        for title, bindings in self.groups:
            if bindings:
                yield PlainTextLine(self.say(title), "heading")
                with ItemGrid(min_column_width=34):
                    for binding in bindings:
                        key, label = (
                            key_bindings.key_name(binding, translator),
                            key_bindings.action_label(binding, translator),
                        )
                        yield PlainTextLine(f"{key:<8} {label}", "key")
        yield PlainTextLine(self.say(words.HELP_MOVING), "hint")
