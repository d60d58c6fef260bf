"""The keys, as data. A key's word and explanation travel as msgids, and are said where they are drawn."""

from textual.binding import Binding

from core.text import Text
from core.words import desk as words
from tui.voice import Voice

NAMED = {"escape": words.ESCAPE_KEY, "enter": words.ENTER_KEY}
CONTROL = "ctrl+"


def key(pressed: str, action: str, label: Text, explained: Text, *, shown: bool = True, first: bool = False) -> Binding:
    """What that key does; `shown` on the foot line, `first` even while something is typed."""
    return Binding(pressed, action, label.msgid, tooltip=explained.msgid, show=shown, priority=first)


def label_of(binding: Binding, voice: Voice) -> str:
    """Its word on the foot line."""
    return voice.say(Text(binding.description))


def explanation_of(binding: Binding, voice: Voice) -> str:
    """What it does, in a sentence; nothing for the keys of Textual's own widgets."""
    return voice.say(Text(binding.tooltip)) if binding.tooltip else ""


def name_of(binding: Binding, voice: Voice) -> str:
    """What is printed on it: "F2", "Ctrl+P", "Échap"."""
    if binding.key in NAMED:
        return voice.say(NAMED[binding.key])
    if binding.key.startswith(CONTROL):
        return voice.say(words.CONTROL_KEY, {"letter": binding.key.removeprefix(CONTROL).upper()})
    return binding.key.upper()


HELP = key("f1", "app.explain", words.KEY_HELP, words.KEY_HELP_EXPLAINED)
FIND = key("f2", "find", words.KEY_FIND, words.KEY_FIND_EXPLAINED)
CODE = key("f3", "look_up", words.KEY_CODE, words.KEY_CODE_EXPLAINED)
COMMANDS = key("ctrl+p", "command_palette", words.KEY_COMMANDS, words.KEY_COMMANDS_EXPLAINED, first=True)
LANGUAGE = key("ctrl+l", "app.change_language", words.KEY_LANGUAGE, words.KEY_LANGUAGE_EXPLAINED, shown=False)
THEME = key("ctrl+t", "app.next_theme", words.KEY_THEME, words.KEY_THEME_EXPLAINED, shown=False)
LOCK = key("f9", "lock", words.KEY_LOCK, words.KEY_LOCK_EXPLAINED, shown=False)
QUIT = key("ctrl+q", "quit", words.KEY_QUIT, words.KEY_QUIT_EXPLAINED, shown=False, first=True)
BACK = key("escape", "back", words.KEY_BACK, words.KEY_BACK_EXPLAINED)
CLOSE = key("escape", "back", words.KEY_CLOSE, words.KEY_CLOSE_EXPLAINED)
