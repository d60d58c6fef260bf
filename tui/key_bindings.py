"""The key bindings, and the line that lists them at the bottom of a screen."""

import math
from collections.abc import Callable, Iterable, Mapping

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer

from core.desk import actions
from core.desk.actions import AvailableAction
from core.text.faces import call_end_texts as call_texts
from core.text.faces import desk_terminal_texts as words
from core.text.faces import journal_screen_texts as journal_texts
from core.text.faces import overview_texts as incident_texts
from core.text.faces import supervisor_approval_texts as approval_texts
from core.text.text import Text
from tui.plain_text_line import PlainTextLine
from tui.terminal_session import TerminalSession
from tui.translator import Translator

KEY_NAMES = {
    "escape": words.ESCAPE_KEY,
    "enter": words.ENTER_KEY,
    "question_mark": words.QUESTION_KEY,
    "right": words.ARROWS_KEY,
    "down": words.UP_AND_DOWN_KEY,
}
CONTROL = "ctrl+"
KEY_PADDING = 3
KeyEntry = tuple[str, str, str, str, bool, str]
"""(key, key name, label, action, is disabled, explanation)"""


def key_binding(
    pressed: str, action: str, label: Text, explanation: Text, *, shown: bool = True, first: bool = False
) -> Binding:
    """Create a key binding. If `first` is True, the binding takes precedence over the focused input."""
    return Binding(pressed, action, label.msgid, tooltip=explanation.msgid, show=shown, priority=first)


def action_label(binding: Binding, translator: Translator) -> str:
    return translator.say(Text(binding.description))


SHORT_LABELS = {
    "guide": words.SHORT_GUIDE,
    "open_step": words.SHORT_GUIDE,
    "follow_again": words.SHORT_FOLLOW,
    "announce": incident_texts.SHORT_ANNOUNCE,
    "next_window": incident_texts.SHORT_WINDOW,
    "wanted_file": journal_texts.SHORT_WANTED_FILE,
    "sheet": journal_texts.SHORT_SHEET,
    "wanted_act": journal_texts.SHORT_WANTED_ACT,
    "wanted_agent": journal_texts.SHORT_WANTED_AGENT,
    "everything": journal_texts.SHORT_EVERYTHING,
    "app.end_call": words.SHORT_END_CALL,
    "answer": call_texts.SHORT_ANSWER,
}


def action_explanation(binding: Binding, translator: Translator) -> str:
    return translator.say(Text(binding.tooltip)) if binding.tooltip else ""


def key_name(binding: Binding, translator: Translator) -> str:
    if binding.key in KEY_NAMES:
        return translator.say(KEY_NAMES[binding.key])
    if binding.key.startswith(CONTROL):
        return translator.say(words.CONTROL_KEY, {"letter": binding.key.removeprefix(CONTROL).upper()})
    return binding.key.upper()


def explained_bindings(active: Iterable[ActiveBinding]) -> list[ActiveBinding]:
    """Return the bindings that have an explanation, function keys first. Bindings that all screens share come last."""
    explained = [each for each in active if each.binding.tooltip]
    return sorted(explained, key=lambda each: (each.binding in EVERYWHERE, place_in_line(each)))


def place_in_line(active: ActiveBinding) -> tuple[float, bool]:
    """Sort function keys by number, before the other keys. Keys with priority come last.

    Textual puts such a key in the place of the focused widget's own binding.
    """
    number = active.binding.key.removeprefix("f")
    return (int(number) if number.isdecimal() else math.inf, active.binding.priority)


HELP = key_binding("f1", "app.toggle_help", words.KEY_HELP, words.KEY_HELP_EXPLAINED)
CHEAT_SHEET = key_binding(
    "question_mark", "app.cheat_sheet", words.KEY_CHEAT_SHEET, words.KEY_CHEAT_SHEET_EXPLAINED, shown=False
)
CHEAT_SHEET_CHARACTER = "?"
FIND = key_binding("f2", "find", words.KEY_FIND, words.KEY_FIND_EXPLAINED)
FIND_TOO = Binding("slash,f3", "find", show=False)
COMMANDS = key_binding("ctrl+p", "command_palette", words.KEY_COMMANDS, words.KEY_COMMANDS_EXPLAINED, first=True)
LANGUAGE = key_binding("ctrl+g", "app.change_language", words.KEY_LANGUAGE, words.KEY_LANGUAGE_EXPLAINED, shown=False)
THEME = key_binding("ctrl+t", "app.next_theme", words.KEY_THEME, words.KEY_THEME_EXPLAINED, shown=False)
LOCK = key_binding("f9", "lock", words.KEY_LOCK, words.KEY_LOCK_EXPLAINED, shown=False)
# With priority, because otherwise the list of keys would show Textual's own binding with its English label.
QUIT = key_binding("ctrl+q", "app.quit", words.KEY_QUIT, words.KEY_QUIT_EXPLAINED, shown=False, first=True)
REDRAW = key_binding("ctrl+l", "app.draw_again", words.KEY_REDRAW, words.KEY_REDRAW_EXPLAINED, shown=False)
COPY = key_binding("ctrl+c", "app.copy_or_show_quit_key", words.KEY_COPY, words.KEY_COPY_EXPLAINED, shown=False)
END_CALL = key_binding("f10", "app.end_call", words.KEY_END_CALL, words.KEY_END_CALL_EXPLAINED)
EVERYWHERE = (HELP, CHEAT_SHEET, COMMANDS, LANGUAGE, THEME, REDRAW, COPY, LOCK, QUIT)
BACK = key_binding("escape", "back", words.KEY_BACK, words.KEY_BACK_EXPLAINED)
CLOSE = key_binding("escape", "back", words.KEY_CLOSE, words.KEY_CLOSE_EXPLAINED)
GUIDE = key_binding("f4", "guide", words.KEY_GUIDE, words.KEY_GUIDE_EXPLAINED)
VERIFY = key_binding("f5", "verify", words.KEY_VERIFY, words.KEY_VERIFY_EXPLAINED)
MAIL = key_binding("f6", "mail", words.KEY_MAIL, words.KEY_MAIL_EXPLAINED)
ANSWER = key_binding("r", "answer", call_texts.KEY_ANSWER, call_texts.KEY_ANSWER_EXPLAINED)
FOLLOW = key_binding("s", "follow_again", words.KEY_FOLLOW, words.KEY_FOLLOW_EXPLAINED)
SIGN_HERE = key_binding("ctrl+s", "sign_here", approval_texts.KEY_SIGN_HERE, approval_texts.KEY_SIGN_HERE_EXPLAINED)
WITHDRAW = key_binding("ctrl+r", "withdraw", approval_texts.KEY_WITHDRAW, approval_texts.KEY_WITHDRAW_EXPLAINED)
DECLINE = key_binding("ctrl+r", "decline", approval_texts.KEY_DECLINE, approval_texts.KEY_DECLINE_EXPLAINED)
FREEZE = key_binding("f8", "freeze", words.KEY_FREEZE, words.KEY_FREEZE_EXPLAINED)
# With priority, because the focused list would scroll sideways.
NEXT_FLOW = key_binding("right", "next_flow", words.KEY_NEXT_FLOW, words.KEY_NEXT_FLOW_EXPLAINED, first=True)
FORMER_FLOW = Binding("left", "next_flow(-1)", show=False, priority=True)
OPEN_STEP = key_binding("f4", "open_step", words.KEY_GUIDE, words.KEY_GUIDE_EXPLAINED)
INCIDENTS = key_binding("f7", "app.incidents", incident_texts.KEY_INCIDENTS, incident_texts.KEY_INCIDENTS_EXPLAINED)
OVERVIEW = key_binding("ctrl+o", "app.overview", incident_texts.KEY_OVERVIEW, incident_texts.KEY_OVERVIEW_EXPLAINED)
JOURNAL = key_binding("ctrl+y", "app.journal", journal_texts.KEY_JOURNAL, journal_texts.KEY_JOURNAL_EXPLAINED)
WANTED_FILE = key_binding("p", "wanted_file", journal_texts.KEY_WANTED_FILE, journal_texts.KEY_WANTED_FILE_EXPLAINED)
WANTED_ACT = key_binding("a", "wanted_act", journal_texts.KEY_WANTED_ACT, journal_texts.KEY_WANTED_ACT_EXPLAINED)
WANTED_AGENT = key_binding(
    "g", "wanted_agent", journal_texts.KEY_WANTED_AGENT, journal_texts.KEY_WANTED_AGENT_EXPLAINED
)
EVERYTHING = key_binding("t", "everything", journal_texts.KEY_EVERYTHING, journal_texts.KEY_EVERYTHING_EXPLAINED)
SHEET = key_binding("f", "sheet", journal_texts.KEY_SHEET, journal_texts.KEY_SHEET_EXPLAINED)
WINDOW = key_binding("p", "next_window", incident_texts.KEY_WINDOW, incident_texts.KEY_WINDOW_EXPLAINED)
ANNOUNCE = key_binding("a", "announce", incident_texts.KEY_ANNOUNCE, incident_texts.KEY_ANNOUNCE_EXPLAINED)
COPY_SCRIPT = key_binding("ctrl+d", "copy_script", words.KEY_COPY_SCRIPT, words.KEY_COPY_SCRIPT_EXPLAINED, shown=False)
COPY_CASE = key_binding("ctrl+n", "copy_case", words.KEY_COPY_CASE, words.KEY_COPY_CASE_EXPLAINED, shown=False)
COPY_SUMMARY = key_binding(
    "ctrl+r", "copy_summary", words.KEY_COPY_SUMMARY, words.KEY_COPY_SUMMARY_EXPLAINED, shown=False
)
IN_SENTENCES = (BACK, FIND, GUIDE, VERIFY, MAIL, ANSWER, FREEZE, END_CALL)


def cites_key(text: Text) -> bool:
    return "_key}" in text.msgid


def with_key_names(text: Text, translator: Translator) -> Text:
    """Replace placeholders such as `{mail_key}` with the names of keys."""
    if not cites_key(text):
        return text
    named = {f"{each.action.removeprefix('app.')}_key": key_name(each, translator) for each in IN_SENTENCES}
    return text.fill({**named, "enter_key": words.ENTER_KEY})


LIST_KEYS = {"j": "down", "k": "up"}
OPEN_RESULT = Binding("enter", "submit", words.KEY_OPEN.msgid)
SUBMIT = Binding("enter", "submit", words.KEY_GO_ON.msgid)
CHOOSE_RESULT = Binding("down", "screen.move('down')", words.KEY_CHOOSE.msgid)
RESULT_KEYS = (CHOOSE_RESULT, Binding("up", "screen.move('up')", show=False), OPEN_RESULT)
# With priority, because otherwise the next typed keys would still go to the field that is losing the focus.
FOCUS_KEYS = (
    Binding("tab", "app.focus_next", show=False, priority=True),
    Binding("shift+tab", "app.focus_previous", show=False, priority=True),
)


class KeyHint(PlainTextLine):
    """A key and what it does. A click presses the key."""

    ALLOW_SELECT = False

    def __init__(self, entry: KeyEntry) -> None:
        self.key, name, label, _, self.is_disabled_key, explanation = entry
        shown = Content(f" {name} {label} ")
        if self.is_disabled_key:
            super().__init__(shown, "-disabled")
        else:
            super().__init__(shown.stylize("bold $accent", 0, len(name) + 1))
        self.tooltip = explanation or None

    def on_mouse_down(self) -> None:
        if self.is_disabled_key:
            self.app.bell()
        else:
            self.app.simulate_key(self.key)


class KeyHintsLine(Footer):
    """The available keys, on as many lines as they need."""

    def __init__(self, session: TerminalSession, desk_actions: Callable[[], Mapping[str, AvailableAction]]) -> None:
        super().__init__()
        self.session = session
        self.desk_actions = desk_actions
        """Returns the actions whose keys have changing labels, by the name of the key's action."""
        self._drawn: list[list[KeyEntry]] = []

    def compose(self) -> ComposeResult:
        self._drawn = self._lines()
        for line in self._drawn:
            yield Horizontal(*map(KeyHint, line), classes="keys")

    def on_resize(self) -> None:
        self.bindings_changed(self.screen)

    def bindings_changed(self, screen: Screen[object]) -> None:
        """Redraw the line if the keys have changed."""
        if self._lines() != self._drawn:
            super().bindings_changed(screen)

    def _lines(self) -> list[list[KeyEntry]]:
        lines, room = list[list[KeyEntry]](), 0
        for entry in self.entries():
            needed = cell_len(entry[1]) + cell_len(entry[2]) + KEY_PADDING
            if needed > room:
                lines.append([])
                room = self.app.size.width
            lines[-1].append(entry)
            room -= needed
        return lines

    def entries(self) -> list[KeyEntry]:
        translator, possible = self.session.translator, self.desk_actions()
        active = self.screen.active_bindings.values()
        labels = SHORT_LABELS | {key: actions.SHORT_LABELS[each.action] for key, each in possible.items()}
        closed = {key for key, each in possible.items() if each.why_not is not None}
        return [
            (
                binding.key,
                key_name(binding, translator),
                translator.say(labels.get(binding.action, Text(binding.description))),
                binding.action,
                not enabled or binding.action in closed,
                action_explanation(binding, translator),
            )
            for _, binding, enabled, _ in sorted(active, key=place_in_line)
            if binding.show and (binding.action != END_CALL.action or self.session.has_call_to_end_or_correct)
        ]
