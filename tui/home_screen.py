"""The home screen, with the search and the items that need attention."""

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import Key
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from core.desk.approvals import Approvals
from core.desk.attention import AttentionReason, IdenticalAttentionItems
from core.desk.home import HomeOverview, HomeOverviewReader
from core.desk.incident_form import NewIncident
from core.desk.incidents import IncidentBoard
from core.desk.subjects import CallSubject
from core.ports import AgentRole, CallRecord
from core.text.faces import call_end_texts, overview_texts, supervisor_approval_texts
from core.text.faces import desk_terminal_texts as words
from core.text.faces.call_sentences import call_length
from core.text.text import TimeOfDay
from tui import key_bindings
from tui.app_messages import (
    OpenVoterFile,
    TakeCallBack,
    TakeHandOver,
)
from tui.approval_dialogs import ApproveOrDeclineDialog
from tui.attention_list import AttentionList
from tui.base_screen import ACTION_GROUP
from tui.end_call_questions import CallBackEndedWithoutCall
from tui.field_widgets import FieldInput
from tui.picture_progress import HelpPictureProgressLine
from tui.plain_text_line import PlainTextLine, pane, plain_text
from tui.search_panel import SearchPanel
from tui.signed_in_screen import SelfUpdatingScreen, SignedInScreen
from tui.terminal_session import TerminalSession


class RecentVoterFiles(OptionList):
    help_text = words.RECENT_EXPLAINED


class HomeScreen(SelfUpdatingScreen):
    CSS_PATH = "home_screen.tcss"
    help_text = words.HOME_EXPLAINED
    AUTO_FOCUS = "FieldInput"
    BINDINGS: ClassVar[list[BindingType]] = [
        key_bindings.END_CALL,
        key_bindings.JOURNAL,
        key_bindings.INCIDENTS,
        key_bindings.OVERVIEW,
    ]
    poll_seconds: ClassVar[float] = 1.0

    def __init__(self, session: TerminalSession) -> None:
        super().__init__(session)
        self.overview: HomeOverview | None = None
        self.typed = ""
        self.opened: AttentionReason | None = None
        """Reason that the items of the expanded group share. None if no group is expanded."""

    def compose_body(self) -> ComposeResult:
        translator = self.session.translator
        yield pane(SearchPanel(self.session, self.typed), self.say(words.FIND_TITLE))
        with Vertical(id="attention-and-tips"):
            with pane(Vertical(id="attention-pane"), self.say(words.ATTENTION)):
                yield PlainTextLine("", id="calm")
                yield AttentionList(self.session)
            if self.session.tips:
                yield HelpPictureProgressLine(self.session)
                with pane(Vertical(id="tips"), self.say(words.TO_TRY)):
                    for tip in self.session.tips:
                        yield PlainTextLine(translator.say_highlighted(tip), "tip")
        with Vertical(id="recent-and-counts"):
            yield pane(RecentVoterFiles(id="recent", markup=False), self.say(words.RECENT))
            yield pane(PlainTextLine("", id="counts"), self.say(words.TODAY))

    @property
    def call_subject(self) -> CallSubject:
        """The voter or case of the last closed file. Empty if a new search has begun."""
        return CallSubject() if self.typed or not self.session.is_agent_active else self.session.left_subject

    # ── The search ───────────────────────────────────────────────────────────────────────────────────────

    @property
    def is_search_focused(self) -> bool:
        return isinstance(self.focused, FieldInput)

    def focus_search(self) -> None:
        self.query(FieldInput).focus()  # there is no input while the screen is redrawn or closed

    def action_move(self, direction: str) -> None:
        if self.typed:
            self.query_one(SearchPanel).move(direction)
        elif self.focused is not None and direction == "down":
            self.query_one(AttentionList).focus()

    def on_key(self, event: Key) -> None:
        """Begin a search with a letter or digit that is typed in a list. J and K arrive as arrow keys."""
        if event.character and event.character.isalnum() and event.key not in key_bindings.LIST_KEYS.values():
            for field in self.query(FieldInput):
                self.set_focus(field)
                field.insert_text_at_cursor(event.character)

    def on_search_panel_typed(self, event: SearchPanel.Typed) -> None:
        self.typed = event.text
        if event.text:
            self.session.begin_or_continue_call()
        self.set_class(bool(event.text), "-searching")
        self.refresh_bindings()

    def on_search_panel_chosen(self, event: SearchPanel.Chosen) -> None:  # noqa: ARG002  # the app opens it
        self.query_one(SearchPanel).clear()

    def action_back(self) -> None:
        self.query_one(SearchPanel).clear()
        self.focus_search()

    def on_screen_resume(self) -> None:
        self.draw()

    # ── Attention list ───────────────────────────────────────────────────────────────────────────────────

    def on_mount(self) -> None:
        self.draw()

    async def reload(self) -> None:
        overview = await self.call_desk(HomeOverviewReader.overview)
        if overview is None:
            return
        self._ring(overview)
        if overview != self.overview:
            self.overview = overview
            self.draw()
            self.refresh_bindings()

    def _ring(self, overview: HomeOverview) -> None:
        fresh = [
            item
            for key, item in overview.due_call_backs_and_approval_requests.items()
            if key not in self.session.bell_announced_ids
        ]
        if fresh:
            self.app.bell()
        self.session.bell_announced_ids |= overview.due_call_backs_and_approval_requests.keys()
        front = self.app.screen
        for item in fresh:
            if (
                item.signature is not None
                and not self.is_topmost_signed_in_screen
                and isinstance(front, SignedInScreen)
            ):
                front.show_notice(supervisor_approval_texts.ASKED_MEANWHILE.fill(item.sentence.params))

    @property
    def updates_now(self) -> bool:
        """Return whether to update the screen now. For supervisors, updates continue while a file is open."""
        signed_in = self.session.signed_in
        supervises = signed_in is not None and signed_in.role is AgentRole.SUPERVISOR
        return super().updates_now or (supervises and not self.session.locked)

    def draw(self) -> None:
        if not self.are_parts_present:
            return
        translator, overview = self.session.translator, self.overview or HomeOverview((), ())
        counts = Content("\n").join(map(translator.say_highlighted, overview.counts))
        self.query_one("#counts", PlainTextLine).write(counts)
        calm = self.query_one("#calm", PlainTextLine)
        calm.write(self.say(words.READING if self.overview is None else words.NO_ATTENTION))
        calm.display = not overview.attention
        self._draw_recent()
        self.query_one(AttentionList).show(overview.groups, self.opened)

    def _draw_recent(self) -> None:
        local, options = self.session.desk.calendar.to_local, self.query_one(RecentVoterFiles)
        recent = [
            plain_text(self.say(words.WHO_AND_WHEN, name=call.name, clock=TimeOfDay(local(call.opened))))
            for call in self.session.recent_files
        ]
        options.display = bool(recent)
        if [str(each.prompt) for each in options.options] != [each.plain for each in recent]:
            options.clear_options()
            options.add_options(map(Option, recent))
            options.highlighted = 0 if recent else None

    async def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        if isinstance(event.option_list, RecentVoterFiles):
            self.post_message(OpenVoterFile(self.session.recent_files[event.option_index].voter, None))
            return
        chosen = self.query_one(AttentionList).listed[event.option_index]
        if isinstance(chosen, IdenticalAttentionItems):
            self.opened = None if chosen.first.reason is self.opened else chosen.first.reason
            self.draw()
        elif chosen.proposed is not None:
            self.announce(chosen.proposed)
        elif chosen.incident is not None:
            await self.app.run_action("incidents")
        elif chosen.call_back is not None:
            self.post_message(TakeCallBack(chosen.call_back))
        elif chosen.signature is not None:
            self.sign(chosen.signature)
        elif chosen.hand_over is not None:
            self.post_message(TakeHandOver(chosen.hand_over))
        elif chosen.voter is not None or chosen.case is not None:
            self.post_message(OpenVoterFile(chosen.voter, chosen.case))

    @work(group=ACTION_GROUP)
    async def announce(self, new: NewIncident) -> None:
        act = overview_texts.KEY_ANNOUNCE
        if await self.succeeds(IncidentBoard.announce, new, act=act):
            self.show_notice(overview_texts.ANNOUNCED)
            await self.reload_after_last_look()

    @work(group=ACTION_GROUP)
    async def sign(self, request: str) -> None:
        question = await self.call_desk(Approvals.action_to_approve, request)
        if question is not None:
            answer = await self.app.push_screen_wait(ApproveOrDeclineDialog(self.session, question))
            if answer is not None:
                self.show_notice(answer, agent=question.agent)
                self.focus_search()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  # Textual's signature
        if action == "move":
            return bool(self.typed or (self.overview and self.overview.attention))
        return action != "back" or bool(self.typed)

    def show_ended_call(self, ended: CallRecord | CallBackEndedWithoutCall) -> None:
        if isinstance(ended, CallBackEndedWithoutCall):
            self.show_notice(ended.value)
        else:
            self.show_notice(
                call_end_texts.CALL_NOTED, length=call_length(ended.began, ended.ended), outcome=ended.outcome.sentence
            )
        self.focus_search()
