"""The base class of the terminal application. It handles keys, locking and database failures."""

import os
from asyncio import Event as Signal
from asyncio import sleep, to_thread
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import PurePath
from typing import Any, ClassVar

from textual import work
from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode
from textual.events import Event, InputEvent, Key, MouseMove, Paste
from textual.screen import Screen
from textual.widgets import Input
from textual.worker import Worker, WorkerFailed, get_current_worker

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
from tui.base_screen import ACTION_GROUP, BaseScreen
from tui.field_widgets import FieldInput
from tui.form_dialogs import LockScreen
from tui.search_panel import SearchPanel
from tui.terminal_session import TerminalSession
from tui.timeline_widget import LINEAR
from tui.voter_screen_base import VoterScreenBase

PRESENCE_REPORT_INTERVAL = timedelta(seconds=20)
"""Interval between reports of the agent's presence. Must be less than half of `LOCK_GRACE_SECONDS`."""
UNLOCK_LOOK_SECONDS = 0.1
LINE_FEED = "ctrl+j"
"""The line feed key, which some password managers send after a line."""
DATE_SEPARATORS = {"/", ".", "-", " "}
ACT_LOOK_SECONDS = 0.01
PASTED_KEYS = 100
"""If at least this many keys are waiting, they are treated as pasted text."""


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
        self.after_enter = False
        self.inputs = deque[Event]()
        self.input_arrived = Signal()
        self.screens_asking_agent = dict[Worker[Any], Screen[Any]]()
        """Maps an action's worker to the screen that asks the agent a question."""
        for theme in themes.THEMES:
            self.register_theme(theme)
        self.theme = themes.DARK.name
        self.take_appearance(LATEST_CHOICE if session.signed_in is None else session.agent.name)

    # ── Typing and the idle lock ─────────────────────────────────────────────────────────────────────────

    async def on_event(self, event: Event) -> None:
        """Queue keys, clicks and pasted texts, so that they are handled in order."""
        if not isinstance(event, InputEvent | Paste) or event.is_forwarded:
            await super().on_event(event)
            return
        self.last_input = self.session.desk.clock.now()
        if isinstance(event, Key):
            after_enter, self.after_enter = self.after_enter, event.key == "enter"
            if event.key == LINE_FEED:
                if after_enter:
                    return  # CR and LF together are one end of line
                event = Key("enter", "\r")
        self.inputs.append(event)
        self.input_arrived.set()

    def on_mount(self) -> None:
        self.handle_inputs()

    @work
    async def handle_inputs(self) -> None:
        while True:
            await self.input_arrived.wait()
            self.input_arrived.clear()
            while self.inputs:
                await self._handle_input(self.inputs.popleft())

    async def _handle_input(self, event: Event) -> None:
        if isinstance(event, Key):
            if isinstance(self.screen, BaseScreen):
                self.screen.hide_old_notices()
            match self.focused:
                case FieldInput() as field if self._handle_form_key(event, field):
                    return
                case Input() as field if event.is_printable:
                    field.replace(self._take_typed_text(event), *field.selection)
                    return
                case Input():
                    pass
                case _ if event.is_printable and len(self.inputs) >= PASTED_KEYS:
                    self._take_typed_text(event)  # outside a text field, a pasted text does nothing
                    return
                case _:
                    event = Key(key_bindings.LIST_KEYS.get(event.key, event.key), event.character)
        await super().on_event(event)
        if not isinstance(event, MouseMove):
            await self._until_handled()

    def _take_typed_text(self, first: Key) -> str:
        """Remove the typed characters from the front of the queue, and return them as one text."""
        typed = [first.character or ""]
        while self.inputs and isinstance(key := self.inputs[0], Key) and key.is_printable:
            typed.append(key.character or "")
            self.inputs.popleft()
        return "".join(typed)

    async def _until_handled(self) -> None:
        """Wait until an input is handled and its action has either ended or asked a question."""
        handled = False
        while self.screen_stack and not handled:
            screen, acting = self.screen, self.is_acting
            # The first time, a key reaches the app, which runs its action. Then the messages of the action reach the app.
            # A widget may answer a message with another one, so each widget is waited for twice.
            for _ in range(2):
                for node in (self.focused or screen).ancestors_with_self:
                    await until_idle(node)
                    await until_idle(node)
                    acting = acting or self.is_acting
            # The last message of an action that has ended, and the first focus of a new screen, need another round.
            handled = self.screen is screen and not acting
            if self.is_acting:
                await sleep(ACT_LOOK_SECONDS)

    @property
    def is_acting(self) -> bool:
        """Return whether an action is running and not waiting for the agent."""
        acts = [each for each in self.workers if each.group == ACTION_GROUP and not each.is_finished]
        return any(
            act.node is self.screen
            or not (self.session.locked or self.screens_asking_agent.get(act) in self.screen_stack)
            for act in acts
        )

    def _handle_form_key(self, key: Key, focused: FieldInput) -> bool:
        """Handle a key that enters a digit of a date or moves to the next field. Returns True if handled."""
        if key.character is not None and key.character.isdecimal() and focused.maximum_digits is not None:
            self.screen.set_focus(focused.take_digit(key.character))
            return True
        last = focused.form is None or focused.form.is_last_input(focused)
        if (key.character in DATE_SEPARATORS and focused.has_next_part) or (key.key == "enter" and not last):
            self.screen.focus_next(FieldInput)
            return True
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

    async def push_screen_wait(self, screen: Screen[Any], *, mode: str | None = None) -> Any:  # type: ignore[override]  # noqa: ANN401  # no names of screens
        """Wait until the terminal is unlocked, then show a screen. Returns None if the session has ended."""
        await self.until_unlocked()
        if self.session.signed_in is None:
            return None
        act = get_current_worker()
        self.screens_asking_agent[act] = screen
        try:
            return await super().push_screen_wait(screen, mode=mode)
        finally:
            del self.screens_asking_agent[act]

    def on_locked_by_daemon(self, event: LockedByDaemon) -> None:  # noqa: ARG002  # Textual's signature
        if self.session.signed_in is not None and self.screen_stack:
            self.action_lock()

    def _report_presence(self) -> None:
        now, signed_in = self.session.desk.clock.now(), self.session.signed_in
        is_there = self.last_input > self.presence_reported and not self.session.locked
        if signed_in is None or not is_there or now - self.presence_reported < PRESENCE_REPORT_INTERVAL:
            return
        self.presence_reported = now
        self.record_agent_presence(signed_in)

    @work(thread=True)
    def record_agent_presence(self, agent: AgentSession) -> None:
        """Record that the agent is present. Errors are ignored."""
        with suppress(StoreUnavailable, Refusal):
            self.session.desk.call(AgentSessions.record_agent_presence, agent)

    @work(thread=True)
    def record_terminal_lock(self, agent: AgentSession) -> None:
        """Record that the terminal is locked. Errors are ignored."""
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
        """Store the first error and exit. Nothing is printed, because local variables may contain secrets."""
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


async def until_idle(node: DOMNode) -> None:
    """Wait until a widget has handled its messages. Returns at once if the widget is closing."""
    handled = Signal()
    if node.call_later(handled.set):
        await handled.wait()
