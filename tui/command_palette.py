"""The command palette, with actions, themes and languages."""

from collections.abc import Callable, Iterator
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

from core.text.faces import desk_terminal_texts as words
from core.text.faces.page_frame_texts import AUTONYMS
from core.text.text import Language
from tui import key_bindings, themes
from tui.terminal_session import TerminalSession

THEME_NAMES = {themes.DARK.name: words.DARK, themes.LIGHT.name: words.LIGHT, themes.CONTRAST.name: words.CONTRAST}


PaletteCommand = tuple[str, str, Callable[[], object]]
"""A palette command: (name, explanation, callback)."""


class PaletteProvider(Provider):
    @property
    def session(self) -> TerminalSession:
        return self.app.session  # type: ignore[attr-defined,no-any-return]  # the app is a DeskApp

    async def discover(self) -> Hits:
        for name, explanation, run in self._commands():
            yield DiscoveryHit(name, run, help=explanation)

    async def search(self, query: str) -> Hits:
        matcher, found = self.matcher(query), False
        for name, explanation, run in self._commands():
            score = matcher.match(name)
            if score > 0:
                found = True
                yield Hit(score, matcher.highlight(name), run, help=explanation)
        if not found:
            yield Hit(1, self.session.translator.say(words.PALETTE_NOTHING), lambda: None)

    def _commands(self) -> Iterator[PaletteCommand]:
        translator = self.session.translator
        for active in key_bindings.explained_bindings(self.screen.active_bindings.values()):
            binding = active.binding
            if active.enabled:
                label = key_bindings.action_label(binding, translator)
                name = f"{label}  {key_bindings.key_name(binding, translator)}"
                run = partial(self.app.run_action, binding.action, active.node)
                yield name, key_bindings.action_explanation(binding, translator), run
        for theme, word in THEME_NAMES.items():
            name = translator.say(words.PALETTE_THEME, {"name": word})
            yield name, "", partial(self.app.run_action, f"choose_theme('{theme}')")
        for language in Language:
            name = translator.say(words.PALETTE_LANGUAGE, {"name": AUTONYMS[language]})
            yield name, "", partial(self.app.run_action, f"use_language('{language}')")
