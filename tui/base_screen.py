"""The base class of all screens."""

import time
from asyncio import Lock, to_thread
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, ClassVar, TypeVar, TypeVarTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.events import DescendantFocus, Resize
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import OptionList

from core.desk.actions import AvailableAction
from core.desk.authorisation import AgentSession
from core.forms.errors import AgentSessionOver, Refusal, SessionLocked
from core.ports import CommitOutcomeUnknown, StoreUnavailable
from core.text.faces import desk_terminal_texts as words
from core.text.text import Text, TimeOfDay
from tui import key_bindings
from tui.announcements import LinearModeAnnouncements, highlighted_line, screen_reader_name
from tui.app_messages import AgentMustSignInAgain, DatabaseLost, LockedByDaemon, ScreenReaderAnnouncement
from tui.field_widgets import ActionForm
from tui.key_bindings import KeyHintsLine
from tui.plain_text_line import PlainTextLine
from tui.terminal_session import TerminalSession

A = TypeVar("A")
R = TypeVar("R")
Ts = TypeVarTuple("Ts")

ACTION_GROUP = "act"
"""Name of the group of workers that run actions. New keys wait while an action is running."""

LEAST_COLUMNS, LEAST_LINES = 80, 24
WIDE_COLUMNS, VAST_COLUMNS, TALL_LINES = 110, 160, 32

NOTICE_SECONDS, WRONG_NOTICE_SECONDS, WARNING_SECONDS, READ_SECONDS = 20.0, 60.0, 2.0, 3.0


class NoticeLine(PlainTextLine):
    """The result of the last action, shown for a limited time."""

    sentence = ""
    expiry: Timer | None = None
    read_at = 0.0
    """Time by which the agent has probably read the notice."""

    def show(self, sentence: str, *, wrong: bool = False, seconds: float | None = None) -> None:
        is_repeated = seconds is not None and sentence == self.sentence
        self.sentence = sentence
        self.read_at = time.monotonic() + READ_SECONDS
        self.write(sentence)
        self.set_class(wrong, "-wrong")
        self.display = bool(sentence)
        if self.expiry is not None:
            self.expiry.stop()
        if sentence:
            self.post_message(ScreenReaderAnnouncement(sentence))
            if not is_repeated:  # the warning before the lock, repeated each second, must not scroll the page
                self.call_after_refresh(self.scroll_visible, animate=False)
            stays = seconds or (WRONG_NOTICE_SECONDS if wrong else NOTICE_SECONDS)
            self.expiry = self.set_timer(stays, lambda: self.show(""))

    def hide_if_read(self) -> None:
        if time.monotonic() >= self.read_at:
            self.show("")

    def hide_once_read(self) -> None:
        """Hide the notice as soon as the agent has probably read it. A failure stays until its time is over."""
        if self.sentence and self.expiry is not None and not self.has_class("-wrong"):
            self.expiry.stop()
            remaining = self.read_at - time.monotonic()
            if remaining > 0:
                self.expiry = self.set_timer(remaining, lambda: self.show(""))
            else:
                self.show("")


class BaseScreen(Screen[R]):
    """The base class of all screens. Redrawing recreates the widgets, so screens keep data in attributes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        key_bindings.HELP,
        key_bindings.CHEAT_SHEET,
        key_bindings.LANGUAGE,
        key_bindings.THEME,
        key_bindings.REDRAW,
        key_bindings.COPY,
        key_bindings.QUIT,
    ]
    help_text: Text

    def __init__(self, session: TerminalSession) -> None:
        super().__init__()
        self.session = session
        self.redraw_lock = Lock()
        """Lock held while the screen is redrawn. Acquire the lock before you query widgets."""
        self._focused_before: Widget | None = None
        """The widget that had the focus when the window became too small."""

    def say(self, text: Text, **facts: object) -> str:
        """Translate a sentence, and fill in its values and the names of keys."""
        return self.session.translator.say(key_bindings.with_key_names(text, self.session.translator), facts)

    def compose(self) -> ComposeResult:
        yield from self.compose_warnings()
        with Vertical(id="body"):
            yield from self.compose_body()
        yield NoticeLine("", id="notice")
        yield from self.compose_foot()

    def compose_foot(self) -> ComposeResult:
        if self.session.linear:
            yield LinearModeAnnouncements(self.session)
        yield KeyHintsLine(self.session, lambda: self.desk_actions)

    @property
    def desk_actions(self) -> Mapping[str, AvailableAction]:
        return {}

    def compose_body(self) -> ComposeResult:
        yield from ()

    def compose_warnings(self) -> ComposeResult:
        yield PlainTextLine(self.say(words.TOO_SMALL, columns=LEAST_COLUMNS, lines=LEAST_LINES), id="too-small")
        yield PlainTextLine(self.say(words.LOST), id="lost")

    def on_resize(self, event: Resize) -> None:
        self.call_after_refresh(self.draw)
        if event.size.width < LEAST_COLUMNS or event.size.height < LEAST_LINES:
            self._focused_before = self._focused_before or self.focused
        elif self._focused_before is not None:
            self.call_after_refresh(self._focus_again, self._focused_before)
            self._focused_before = None

    def draw(self) -> None:
        """Show the data again after the widgets were recreated or resized."""

    def on_screen_suspend(self) -> None:
        """Hide the key hints. Also hide a notice that the agent has probably read."""
        self._show_keys(shown=False)
        for line in self.query(NoticeLine):
            line.hide_if_read()

    def on_screen_resume(self) -> None:
        self._show_keys(shown=True)
        self.post_message(ScreenReaderAnnouncement(self.screen_reader_title))

    @property
    def screen_reader_title(self) -> str:
        return ""

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        if self.is_active:
            self.post_message(ScreenReaderAnnouncement(screen_reader_name(event.widget, self.session)))

    @on(OptionList.OptionHighlighted)
    def announce_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        options = event.option_list
        if self.is_active and (options.has_focus or not options.can_focus):
            self.post_message(ScreenReaderAnnouncement(highlighted_line(options)))

    def _show_keys(self, *, shown: bool) -> None:
        for line in self.query(KeyHintsLine):
            line.visible = shown

    async def redraw(self) -> None:
        focused = None if self.focused is None else self.focused.id
        async with self.redraw_lock:
            await self.recompose()
        self.draw()
        self.restore_focus(focused)
        self.refresh_bindings()

    def restore_focus(self, focused: str | None) -> None:
        again = self.query(f"#{focused}") if focused is not None else None
        for first in (again or self.query(str(self.AUTO_FOCUS or "*"))).results():
            self.set_focus(first)
            break

    def _focus_again(self, before: Widget) -> None:
        if before.is_attached:
            self.set_focus(before)
        else:
            self.restore_focus(before.id)

    async def run_use_case(self, call: Callable[[], A], *, act: Text | None = None) -> A | None:
        """Run a use case. On failure, show the reason and return None. Raises FormErrors."""
        try:
            answer = await to_thread(call)
        except AgentSessionOver:
            self.post_message(AgentMustSignInAgain())
        except SessionLocked:
            self.post_message(LockedByDaemon())
        except Refusal as refusal:
            self.show_refusal(refusal)
        except StoreUnavailable as lost:
            if act is not None:
                sentence = words.NOT_KNOWN if isinstance(lost, CommitOutcomeUnknown) else words.NOT_DONE
                self.session.action_with_unknown_outcome = act if isinstance(lost, CommitOutcomeUnknown) else None
                self.show_notice(sentence.fill({"act": act}), wrong=True)
            self.post_message(DatabaseLost())
        else:
            return answer if self.are_parts_present else None
        return None

    async def call_desk(
        self, use_case: Callable[[Any, AgentSession, *Ts], A], *arguments: *Ts, act: Text | None = None
    ) -> A | None:
        """Run a use case as the signed-in agent. Returns None on failure. Raises FormErrors."""
        return await self._run_for_agent(lambda agent: self.session.desk.call(use_case, agent, *arguments), act)

    async def succeeds(
        self, use_case: Callable[[Any, AgentSession, *Ts], object], *arguments: *Ts, act: Text | None = None
    ) -> bool:
        """Run a use case and return whether it succeeded. Raises FormErrors."""
        done = await self._run_for_agent(lambda agent: (self.session.desk.call(use_case, agent, *arguments),), act)
        return done is not None

    async def _run_for_agent(self, call: Callable[[AgentSession], A], act: Text | None) -> A | None:
        agent = self.session.signed_in
        if agent is None:
            self.post_message(AgentMustSignInAgain())
            return None
        return await self.run_use_case(lambda: call(agent), act=act)

    @property
    def are_parts_present(self) -> bool:
        """Return whether all widgets exist. A closing screen loses its widgets one by one."""
        return self.is_attached and self.display and bool(self.query(KeyHintsLine))

    def show_refusal(self, refusal: Refusal) -> None:
        for form in self.query(ActionForm):
            form.clear_secrets()
        remedy = " ".join(self.say(each, **refusal.facts) for each in (*refusal.remedy, *refusal.agent))
        title = self.say(refusal.title, **refusal.facts)
        self.show_notice(words.REMEDY_LINE, wrong=True, title=title, remedy=remedy)

    def warn_of_lock(self, at: datetime) -> None:
        for line in self.query(NoticeLine):
            line.show(self.say(words.LOCKS_SOON, at=TimeOfDay(at)), seconds=WARNING_SECONDS)

    @contextmanager
    def opening(self) -> Iterator[None]:
        """Show the notice "Opening…" while the block runs."""
        self.show_notice(words.OPENING)
        yield
        for line in self.query(NoticeLine):
            if line.sentence == self.say(words.OPENING):
                line.show("")

    def hide_old_notices(self) -> None:
        for line in self.query(NoticeLine):
            line.hide_once_read()

    def show_notice(self, text: Text, *, wrong: bool = False, **facts: object) -> None:
        """Show a notice. Does nothing while the screen is being drawn or closed."""
        for line in self.query(NoticeLine):
            line.show(self.say(text, **facts), wrong=wrong)
