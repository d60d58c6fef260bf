"""The command palette: every key of the screen beneath by its name, and the looks and languages."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider

from core.text import Language
from core.words import AUTONYMS
from core.words import desk as words
from tui import keys, themes
from tui.sitting import Sitting

THEME_NAMES = {themes.DARK.name: words.DARK, themes.LIGHT.name: words.LIGHT, themes.CONTRAST.name: words.CONTRAST}


@dataclass(frozen=True, slots=True)
class Command:
    """A line of the palette."""

    name: str
    explanation: str
    run: Callable[[], object]


class Commands(Provider):
    """Those of one screen. Textual makes it from a screen alone, so the sitting is set on a subclass."""

    sitting: Sitting

    async def discover(self) -> Hits:
        """All of them, before anything is typed."""
        for command in self._commands():
            yield DiscoveryHit(command.name, command.run, help=command.explanation)

    async def search(self, query: str) -> Hits:
        """Those whose name is like what was typed."""
        matcher, found = self.matcher(query), False
        for command in self._commands():
            score = matcher.match(command.name)
            if score > 0:
                found = True
                yield Hit(score, matcher.highlight(command.name), command.run, help=command.explanation)
        if not found:
            yield Hit(1, self.sitting.voice.say(words.PALETTE_NOTHING), lambda: None)

    def _commands(self) -> Iterator[Command]:
        voice = self.sitting.voice
        for active in keys.own_first(self.screen.active_bindings.values()):
            binding = active.binding
            if active.enabled:
                name = f"{keys.label_of(binding, voice)}  {keys.name_of(binding, voice)}"
                run = partial(self.app.run_action, binding.action, active.node)
                yield Command(name, keys.explanation_of(binding, voice), run)
        for theme, word in THEME_NAMES.items():
            name = voice.say(words.PALETTE_THEME, {"name": word})
            yield Command(name, "", partial(setattr, self.app, "theme", theme))
        for language in Language:
            name = voice.say(words.PALETTE_LANGUAGE, {"name": AUTONYMS[language]})
            yield Command(name, "", partial(self.app.run_action, f"speak('{language}')"))


def palette(sitting: Sitting) -> CommandPalette:
    """The palette in the language of the moment."""
    provider = type("CommandsHere", (Commands,), {"sitting": sitting})
    return CommandPalette([provider], placeholder=sitting.voice.say(words.PALETTE_PLACEHOLDER))
