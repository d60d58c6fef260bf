"""The base class of the terminal application. It handles typing, the idle lock, database failures and themes."""

import os
from asyncio import sleep, to_thread
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import PurePath
from typing import Any, ClassVar

from textual import work
from textual.app import App
from textual.binding import Binding
from textual.events import Event, InputEvent, Key
from textual.screen import Screen
from textual.worker import WorkerFailed

from core.desk.authorisation import AgentSession
from core.desk.election_facts import ElectionFactsReader
from core.desk.sessions import AgentSessions
from core.forms.errors import DeskVersionDiffers, Refusal
from core.ports import StoreUnavailable
from core.text.faces import desk_terminal_texts as words
from core.text.text import Language
from tui import key_bindings, themes
from tui.app_messages import DatabaseLost, LockedByDaemon
from tui.appearance import LATEST_CHOICE, ThemeAndLanguage
from tui.base_screen import BaseScreen
from tui.field_widgets import FieldInput
from tui.form_dialogs import LockScreen
from tui.search_panel import SearchPanel
from tui.terminal_session import TerminalSession
from tui.timeline_widget import LINEAR
from tui.voter_screen_base import VoterScreenBase

PRESENCE = timedelta(seconds=20)
"""Minimum time between two reports that the agent is present. Must be less than half of `LOCK_GRACE_SECONDS`."""
UNLOCK_LOOK_SECONDS = 0.1
LINE_FEED = "ctrl+j"
"""The line feed key, which some password managers and scripts send at the end of a line."""
DATE_SEPARATORS = {"/", ".", "-", " "}


class AgentSessionApp(App[None]):
    CSS_PATH: ClassVar[list[str | PurePath]] = ["app.tcss", "dialog.tcss"]

    def __init__(self, session: TerminalSession, keep_running: Callable[[], bool] = lambda: True) -> None:
        linear = [*self.CSS_PATH, "linear.tcss"] if session.linear else None
        super().__init__(css_path=linear)
        self.set_class(session.linear, LINEAR)
        self.session = session
        self.keep_running = keep_running
        self.last_input = self.presence_reported = session.desk.clock.now()
        self.database_lost = False
        self.after_return = False
        for theme in themes.THEMES:
            self.register_theme(theme)
        self.theme = themes.DARK.name
        self.take_appearance(LATEST_CHOICE if session.signed_in is None else session.agent.name)

    # ── Typing and the idle lock ─────────────────────────────────────────────────────────────────────────

    async def on_event(self, event: Event) -> None:
        """Record that the agent is active, and make sure that quickly typed keys reach the right input."""
        if isinstance(event, Key) and not event.is_forwarded:
            after_return, self.after_return = self.after_return, event.key == "enter"
            if event.key == LINE_FEED:
                if after_return:
                    return  # CR and LF together are one end of line
                event = Key("enter", "\r")
        if isinstance(event, InputEvent):
            self.last_input = self.session.desk.clock.now()
        if not (
            isinstance(event, Key)
            and isinstance(self.focused, FieldInput)
            and self._handle_form_key(event, self.focused)
        ):
            await super().on_event(event)

    def _handle_form_key(self, key: Key, focused: FieldInput) -> bool:
        """Let a form handle a key before the next key arrives. Returns True if the form has used the key."""
        if key.is_forwarded:
            return False  # the input did not use this key and passed it on
        form, entered = focused.form, key.key == "enter"
        if form is not None and form.answering:
            return entered or key.is_printable
        if key.character is not None and key.character.isdecimal() and focused.maximum_digits is not None:
            part = focused.take_digit(key.character)
            if part is not focused:
                self.screen.set_focus(part)  # `focus` would take effect after the next key
            return True
        last = form is None or form.is_last_input(focused)
        if (key.character in DATE_SEPARATORS and focused.has_next_part) or (entered and not last):
            self.screen.focus_next(FieldInput)
            return True
        if entered and form is not None:
            form.answering = True
        return False

    def check_idle_and_database(self) -> None:
        if not self.keep_running():
            self.exit()
        if not self.screen_stack:
            return  # the screens are already closed
        now, policy = self.session.desk.clock.now(), self.session.desk.policy
        if self._acts_for_verified_caller:
            self.last_input = now  # the agent waits for an approval and must see its result
        idle = timedelta(minutes=policy.desk_idle_minutes)
        locks = self.last_input + idle
        warned = min(timedelta(minutes=policy.desk_warning_minutes), idle / 2)
        if self.session.signed_in is not None and now >= locks - warned:
            if now >= locks:
                self.action_lock()
            elif isinstance(self.screen, BaseScreen):
                self.screen.warn_of_lock(self.session.desk.calendar.to_local(locks))
        self._report_presence()
        if self.database_lost:
            self.check_database()

    @property
    def _acts_for_verified_caller(self) -> bool:
        screens = (screen for screen in self.screen_stack if isinstance(screen, VoterScreenBase))
        return any(screen.is_acting_for_verified_caller for screen in screens)

    def action_draw_again(self) -> None:
        self.refresh(layout=True)

    def action_copy_or_show_quit_key(self) -> None:
        screen = self.screen
        selected = screen.get_selected_text()
        if selected:
            self.copy_to_clipboard(selected)
        if isinstance(screen, BaseScreen):
            screen.show_notice(words.COPIED if selected else words.QUIT_BY)

    def action_lock(self) -> None:
        if not self.session.locked:
            self.record_terminal_lock(self.session.agent)
            self.session.locked = True
            self.push_screen(LockScreen(self.session))

    async def until_unlocked(self) -> None:
        """Wait until the terminal is unlocked, because no screen may open over the lock screen."""
        while self.session.locked:  # noqa: ASYNC110  # the session has no event for it
            await sleep(UNLOCK_LOOK_SECONDS)

    async def push_screen_wait(self, screen: Screen[Any] | str, *, mode: str | None = None) -> Any:  # noqa: ANN401  # as Textual's
        """Show a screen once the terminal is unlocked. Returns its result, or None if the session has ended."""
        await self.until_unlocked()
        return None if self.session.signed_in is None else await super().push_screen_wait(screen, mode=mode)

    def on_locked_by_daemon(self, event: LockedByDaemon) -> None:  # noqa: ARG002  # Textual's signature
        if self.session.signed_in is not None and self.screen_stack:
            self.action_lock()

    def _report_presence(self) -> None:
        now, signed_in = self.session.desk.clock.now(), self.session.signed_in
        is_there = self.last_input > self.presence_reported and not self.session.locked
        if signed_in is None or not is_there or now - self.presence_reported < PRESENCE:
            return
        self.presence_reported = now
        self.record_agent_presence(signed_in)

    @work(thread=True)
    def record_agent_presence(self, agent: AgentSession) -> None:
        """Report that the agent is present. Errors are ignored, because the next action will show them."""
        with suppress(StoreUnavailable, Refusal):
            self.session.desk.call(AgentSessions.record_agent_presence, agent)

    @work(thread=True)
    def record_terminal_lock(self, agent: AgentSession) -> None:
        """Record that the terminal is locked. Errors are ignored, because the terminal must lock in any case."""
        with suppress(StoreUnavailable, Refusal):
            self.session.desk.call(AgentSessions.lock, agent)

    async def action_quit(self) -> None:
        if self.session.signed_in is not None:
            with suppress(StoreUnavailable, Refusal):
                await to_thread(self.session.desk.call, AgentSessions.sign_out, self.session.signed_in)
        self.exit()

    @property
    def failure(self) -> Exception | None:
        return self._exception

    def _handle_exception(self, error: Exception) -> None:
        """Keep the first error and exit. Textual itself would print local variables, which may contain secrets."""
        self._return_code = os.EX_SOFTWARE
        if self._exception is None:
            self._exception = error.error if isinstance(error, WorkerFailed) else error  # type: ignore[assignment]  # only those come here
            self._exception_event.set()
        self._close_messages_no_wait()

    # ── Theme and language ───────────────────────────────────────────────────────────────────────────────

    def get_key_display(self, binding: Binding) -> str:
        return key_bindings.key_name(binding, self.session.translator)

    def action_next_theme(self) -> None:
        names = [theme.name for theme in themes.THEMES]
        self.action_choose_theme(names[(names.index(self.theme) + 1) % len(names)])

    def action_choose_theme(self, name: str) -> None:
        self.theme = name
        self._keep_appearance()

    def take_appearance(self, agent: str) -> None:
        chosen = self.session.remembered.of(agent)
        if chosen is not None and chosen.theme in self.available_themes:
            self.session.language, self.theme = chosen.language, chosen.theme

    def _keep_appearance(self) -> None:
        agent = LATEST_CHOICE if self.session.signed_in is None else self.session.agent.name
        self.session.remembered.keep(agent, ThemeAndLanguage(self.theme, self.session.language))

    async def action_change_language(self) -> None:
        await self.action_use_language(next(each for each in Language if each is not self.session.language))

    async def action_use_language(self, language: str) -> None:
        self.session.language = Language(language)
        self._keep_appearance()
        for screen in self.screen_stack:
            if isinstance(screen, BaseScreen):
                await screen.redraw()

    # ── The database ─────────────────────────────────────────────────────────────────────────────────────

    def on_database_lost(self, event: DatabaseLost) -> None:  # noqa: ARG002  # Textual's signature
        self._set_database_lost(lost=True)

    @work(exclusive=True, group="store")
    async def check_database(self) -> None:
        if await to_thread(self._is_database_back):
            self._set_database_lost(lost=False)

    def _is_database_back(self) -> bool:
        try:
            return self.session.desk.call(ElectionFactsReader.is_database_readable)
        except DeskVersionDiffers:
            return True  # the next use case asks to reopen this terminal
        except (StoreUnavailable, Refusal):
            return False  # checked again in a second

    def _set_database_lost(self, *, lost: bool) -> None:
        self.database_lost = lost
        for screen in self.screen_stack:
            screen.set_class(lost, "-lost")
            if not lost:
                for panel in screen.query(SearchPanel):
                    panel.search_again()
