"""The items that need an agent's attention, grouped and sorted by urgency."""

from collections.abc import Iterator

from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from core.desk.attention import AttentionItem, AttentionReason, IdenticalAttentionItems
from core.text.faces import desk_terminal_texts as words
from tui.plain_text_line import MUTED, plain_text, wrap_with_indent
from tui.search_panel import INDENT
from tui.terminal_session import TerminalSession
from tui.timeline_widget import MARKS

MOST_UNGROUPED = 3
"""Maximum number of similar items that are shown without grouping."""


class AttentionList(OptionList):
    """A list that keeps the same item highlighted across updates."""

    help_text = words.ATTENTION_EXPLAINED

    def __init__(self, session: TerminalSession) -> None:
        super().__init__(id="attention", markup=False)
        self.session = session
        self.listed: tuple[AttentionItem | IdenticalAttentionItems, ...] = ()

    def on_focus(self) -> None:
        if self.highlighted is None:
            self.action_first()

    def show(self, groups: tuple[IdenticalAttentionItems, ...], opened: AttentionReason | None) -> None:
        """Show the groups of items. Only the group whose reason is `opened` is expanded."""
        is_chosen = self.screen.focused is self  # without the focus, the first line is highlighted
        former = self.listed[self.highlighted].identity if is_chosen and self.highlighted is not None else None
        self.listed = tuple(_lines(groups, opened))
        self.clear_options()
        self.add_options(Option(plain_text(self._label(each, opened))) for each in self.listed)
        if self.listed:
            found = (at for at, each in enumerate(self.listed) if each.identity == former)
            # If the chosen line is gone, highlight none, so that Enter does not open another one.
            self.highlighted = next(found, None if is_chosen else 0)

    def _label(self, line: AttentionItem | IdenticalAttentionItems, opened: AttentionReason | None) -> Content:
        translator = self.session.translator
        own = self.scrollable_content_region.width
        width = (own or self.query_ancestor(Vertical).content_region.width) - 1  # an empty list has no width
        if isinstance(line, IdenticalAttentionItems):
            sentence = translator.say(words.ALIKE, {"count": len(line.items), "sentence": line.first.sentence})
            mark = "▼" if line.first.reason is opened else "▶"
            return Content(wrap_with_indent(f"{mark} {sentence}", INDENT, width))
        case = None if line.case is None else translator.say(words.CASE_NUMBERED, {"case": line.case})
        detail = None if line.detail is None else translator.say(line.detail)
        about = " · ".join(part for part in (line.name, case, detail, self._since(line)) if part)
        sentence = f"{MARKS[line.mark]} {translator.say(line.sentence)}"
        return Content.assemble(
            wrap_with_indent(sentence, INDENT, width), "\n", (wrap_with_indent(f"  {about}", INDENT, width), MUTED)
        )

    def _since(self, item: AttentionItem) -> str | None:
        desk = self.session.desk
        when = item.when(desk.calendar.to_local(desk.clock.now()).date())
        return None if when is None else self.session.translator.say(when)


def _lines(
    groups: tuple[IdenticalAttentionItems, ...], opened: AttentionReason | None
) -> Iterator[AttentionItem | IdenticalAttentionItems]:
    for group in groups:
        if len(group.items) > MOST_UNGROUPED:
            yield group
        if len(group.items) <= MOST_UNGROUPED or group.first.reason is opened:
            yield from group.items
