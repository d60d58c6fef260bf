"""What every screen shares: its frame, how it asks a use case, and how it tells a refusal in place."""

from asyncio import Lock, to_thread
from collections.abc import Callable
from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import Screen
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

from core.errors import DutyOver, Refusal
from core.ports import Unready
from core.text import Text
from core.words import desk as words
from tui import keys
from tui.fields import ActForm
from tui.line import Line
from tui.messages import DutyEnded, StoreLost
from tui.sitting import Sitting

A = TypeVar("A")
R = TypeVar("R")

LEAST_COLUMNS, LEAST_LINES = 80, 24
WIDE_COLUMNS, VAST_COLUMNS, TALL_LINES = 110, 160, 32


Cap = tuple[str, str, str, str, bool, str]
"""A key, what is printed on it, its word, its action, whether it is dim, and what it does in a sentence."""


class KeyLine(Footer):
    """The keys that do something now, in the agent's language; one that cannot be used now is dim."""

    def __init__(self, sitting: Sitting) -> None:
        super().__init__()
        self.sitting = sitting
        self._drawn: list[Cap] = []

    def compose(self) -> ComposeResult:
        """A cap for each key."""
        self._drawn = self._caps()
        for cap in self._drawn:
            yield FooterKey(*cap)

    def bindings_changed(self, screen: Screen[object]) -> None:
        """Textual says so each time that the focus moves; most often the line stays the same."""
        if self._caps() != self._drawn:
            super().bindings_changed(screen)

    def _caps(self) -> list[Cap]:
        voice = self.sitting.voice
        return [
            (
                binding.key,
                keys.name_of(binding, voice),
                keys.label_of(binding, voice),
                binding.action,
                not enabled,
                keys.explanation_of(binding, voice),
            )
            for _, binding, enabled, _ in self.screen.active_bindings.values()
            if binding.show
        ]


class Notice(Line):
    """One sentence about what was just done or refused."""

    def show(self, sentence: str, *, wrong: bool = False) -> None:
        """Says it, in the place of the one before."""
        self.write(sentence)
        self.set_class(wrong, "-wrong")
        self.display = bool(sentence)
        if sentence:
            self.call_after_refresh(self.scroll_visible, animate=False)


class Asking(Screen[R]):
    """A screen that asks use cases. What it draws comes from what it holds, so that it can be drawn again at any time."""

    BINDINGS: ClassVar[list[BindingType]] = [keys.HELP, keys.LANGUAGE, keys.THEME, keys.QUIT]
    explained: ClassVar[Text]
    """What F1 says of this screen."""

    def __init__(self, sitting: Sitting) -> None:
        super().__init__()
        self.sitting = sitting
        self.drawing = Lock()
        """Held while everything is drawn again, so that nothing is looked for that is not there."""

    def say(self, text: Text, **facts: object) -> str:
        """The sentence, in the language of the moment."""
        return self.sitting.voice.say(text, facts)

    def compose(self) -> ComposeResult:
        """The frame, with the screen's own in it."""
        yield self.too_small()
        yield self.lost_line()
        with Vertical(id="inside"):
            yield from self.inside()
        yield Notice("", id="notice")
        yield KeyLine(self.sitting)

    def inside(self) -> ComposeResult:
        """What is drawn in the frame."""
        yield from ()

    def too_small(self) -> Line:
        """Shown alone, where there is no room for the rest."""
        return Line(self.say(words.TOO_SMALL, columns=LEAST_COLUMNS, lines=LEAST_LINES), id="too-small")

    def lost_line(self) -> Line:
        """Shown while the database does not answer."""
        return Line(self.say(words.LOST), id="lost")

    async def redraw(self) -> None:
        """Draws everything again, in the language of the moment; the focus stays where it was."""
        focused = None if self.focused is None else self.focused.id
        async with self.drawing:
            await self.recompose()
        self.call_after_refresh(self.focus_again, focused)
        self.refresh_bindings()

    def focus_again(self, focused: str | None) -> None:
        """What had the focus, or what has it first; forms are filled a moment after they stand."""
        again = self.query(f"#{focused}") if focused is not None else None
        for first in (again or self.query(str(self.AUTO_FOCUS or "*"))).results():
            first.focus()
            break

    async def ask(self, call: Callable[[], A]) -> A | None:
        """What a use case answers, asked in a thread; None when it refused, and the reason stands on the screen.

        Raises Problems.
        """
        try:
            answer = await to_thread(call)
        except DutyOver:
            self.post_message(DutyEnded())
        except Refusal as refusal:
            self.tell_refusal(refusal)
        except Unready:
            self.post_message(StoreLost())
        else:
            return answer if self.is_there else None
        return None

    @property
    def is_there(self) -> bool:
        """Whether it still stands: it may have been left while a use case was asked, and go away part by part."""
        return self.is_attached and self.display and bool(self.query(KeyLine))

    async def done(self, call: Callable[[], None]) -> bool:
        """Whether a use case did what it was asked to; otherwise the reason stands on the screen. Raises Problems."""

        def did() -> bool:
            call()
            return True

        return await self.ask(did) is not None

    def tell_refusal(self, refusal: Refusal) -> None:
        """What happened and what to do now; what was typed is typed anew."""
        for form in self.query(ActForm):
            form.forget()
        remedy = " ".join(self.say(each, **refusal.facts) for each in refusal.remedy)
        title = self.say(refusal.title, **refusal.facts)
        self.query_one(Notice).show(self.say(words.REMEDY_LINE, title=title, remedy=remedy), wrong=True)

    def tell(self, text: Text, *, wrong: bool = False, **facts: object) -> None:
        """A sentence about what was just done."""
        self.query_one(Notice).show(self.say(text, **facts), wrong=wrong)
