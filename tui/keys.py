"""The keys, as data. A key's word and explanation travel as msgids, and are said where they are drawn."""

from collections.abc import Iterable

from textual.binding import ActiveBinding, Binding

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


def own_first(active: Iterable[ActiveBinding]) -> list[ActiveBinding]:
    """Those that we explain, the acts of the screen before what every screen has."""
    explained = [each for each in active if each.binding.tooltip]
    return sorted(explained, key=lambda each: each.binding in EVERYWHERE)


HELP = key("f1", "app.explain", words.KEY_HELP, words.KEY_HELP_EXPLAINED)
FIND = key("f2", "find", words.KEY_FIND, words.KEY_FIND_EXPLAINED)
CODE = key("f3", "look_up", words.KEY_CODE, words.KEY_CODE_EXPLAINED)
COMMANDS = key("ctrl+p", "command_palette", words.KEY_COMMANDS, words.KEY_COMMANDS_EXPLAINED, first=True)
LANGUAGE = key("ctrl+l", "app.change_language", words.KEY_LANGUAGE, words.KEY_LANGUAGE_EXPLAINED, shown=False)
THEME = key("ctrl+t", "app.next_theme", words.KEY_THEME, words.KEY_THEME_EXPLAINED, shown=False)
LOCK = key("f9", "lock", words.KEY_LOCK, words.KEY_LOCK_EXPLAINED, shown=False)
# First, or Textual's own binding of this key would be listed, in its own words.
QUIT = key("ctrl+q", "app.quit", words.KEY_QUIT, words.KEY_QUIT_EXPLAINED, shown=False, first=True)
EVERYWHERE = (HELP, COMMANDS, LANGUAGE, THEME, LOCK, QUIT)
BACK = key("escape", "back", words.KEY_BACK, words.KEY_BACK_EXPLAINED)
CLOSE = key("escape", "back", words.KEY_CLOSE, words.KEY_CLOSE_EXPLAINED)
GUIDE = key("f4", "guide", words.KEY_GUIDE, words.KEY_GUIDE_EXPLAINED, shown=False)
VERIFY = key("f5", "verify", words.KEY_VERIFY, words.KEY_VERIFY_EXPLAINED, shown=False)
MAIL = key("f6", "mail", words.KEY_MAIL, words.KEY_MAIL_EXPLAINED, shown=False)
FOLLOW = key("f7", "follow_again", words.KEY_FOLLOW, words.KEY_FOLLOW_EXPLAINED, shown=False)
FREEZE = key("f8", "freeze", words.KEY_FREEZE, words.KEY_FREEZE_EXPLAINED, shown=False)
NEXT_FLOW = key("f4", "next_flow", words.KEY_NEXT_FLOW, words.KEY_NEXT_FLOW_EXPLAINED, shown=False)
OPEN_STEP = key("f4", "open_step", words.KEY_GUIDE, words.KEY_GUIDE_EXPLAINED, shown=False)
# First, or the keys typed right after one of these would still go to the field that is being left: people type ahead.
ONWARD = (
    Binding("tab", "app.focus_next", show=False, priority=True),
    Binding("shift+tab", "app.focus_previous", show=False, priority=True),
)
