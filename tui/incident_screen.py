"""The screen that lists proposed, current and recent incidents."""

from collections.abc import Sequence
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from core.desk.incident_form import (
    IncidentSentenceAndScope,
    NewIncident,
    incident_blanks_form,
    incident_sentence_choices,
)
from core.desk.incidents import CurrentAndProposedIncidents, IncidentBoard, ProposedIncident
from core.flows.incident_catalogue import BY_NAME, IncidentInLocalTime, incident_words
from core.ports import AgentRole
from core.text.faces import journal_screen_texts
from core.text.faces import overview_texts as words
from core.text.faces.incident_page_texts import WHERE
from core.text.text import Text
from tui import key_bindings
from tui.action_button import ActionButtonWithReason
from tui.base_screen import ACTION_GROUP
from tui.dialogs import Choice, ChoiceDialog, ConfirmDialog
from tui.form_dialogs import FormDialog
from tui.plain_text_line import MUTED, PlainTextLine, pane, wrap_with_indent
from tui.search_panel import INDENT
from tui.signed_in_screen import SelfUpdatingScreen
from tui.terminal_session import TerminalSession

CURRENT_MARK, ENDED_MARK, PROPOSED_MARK = "!", "✓", "?"


def choose_incident_dialog(session: TerminalSession) -> ChoiceDialog[IncidentSentenceAndScope]:
    choices = [
        Choice(each, words.CHOICE.fill({"title": each.sentence.title, "where": each.concerned_people_words}))
        for each in incident_sentence_choices()
    ]
    return ChoiceDialog(
        session,
        words.CHOOSE_EXPLAINED,
        choices,
        heading=words.CHOOSE_TITLE,
        explained=words.CHOOSE_EXPLAINED,
        hint=journal_screen_texts.FILTER_HINT,
    )


class IncidentBlanksDialog(FormDialog[NewIncident]):
    """Lets an agent fill in the blanks of a sentence about an incident."""

    heading = words.BLANKS_TITLE
    help_text = words.BLANKS_EXPLAINED

    def __init__(self, session: TerminalSession, choice: IncidentSentenceAndScope, academies: Sequence[str]) -> None:
        desk = session.desk
        now = desk.calendar.to_local(desk.clock.now())
        super().__init__(session, choice.sentence.voter, incident_blanks_form(choice, academies, now))

    def call_use_case(self, answer: NewIncident) -> NewIncident:
        return answer


class IncidentList(OptionList):
    help_text = words.INCIDENT_LIST_EXPLAINED


class IncidentScreen(SelfUpdatingScreen):
    """A list of incidents. Only supervisors may announce and end incidents."""

    CSS_PATH = "incident_screen.tcss"
    help_text = words.INCIDENTS_EXPLAINED
    AUTO_FOCUS = "IncidentList"
    BINDINGS: ClassVar[list[BindingType]] = [key_bindings.ANNOUNCE]
    poll_seconds: ClassVar[float] = 1.0

    def __init__(self, session: TerminalSession) -> None:
        super().__init__(session)
        self.found: CurrentAndProposedIncidents | None = None

    @property
    def top_title(self) -> str:
        return self.say(words.INCIDENTS_TITLE)

    @property
    def listed(self) -> tuple[ProposedIncident | IncidentInLocalTime, ...]:
        return () if self.found is None else (*self.found.proposals, *self.found.notices)

    def compose_body(self) -> ComposeResult:
        yield ActionButtonWithReason(self.session.translator, key_bindings.ANNOUNCE)
        with pane(Vertical(id="incidents"), self.say(words.INCIDENTS_TITLE)):
            yield PlainTextLine(self.say(words.NO_INCIDENT), "hint", id="calm")
            yield IncidentList(markup=False)
        with pane(VerticalScroll(id="words"), self.say(words.WORDS_OF_INCIDENT)):
            yield PlainTextLine("", id="said")

    async def reload(self) -> None:
        found = await self.call_desk(IncidentBoard.view)
        if found is not None and found != self.found:
            self.found = found
            self.draw()

    def draw(self) -> None:
        if not self.are_parts_present or self.found is None:
            return
        button = self.query_one(ActionButtonWithReason)
        button.show_description()
        button.display = self.found.may_announce
        self.query_one("#calm").display = not self.listed
        self.query_one("#words").display = bool(self.listed)
        options = self.query_one(IncidentList)
        position = options.highlighted
        options.clear_options()
        options.add_options(Option(self._label(each)) for each in self.listed)
        options.highlighted = min(position or 0, len(self.listed) - 1) if self.listed else None
        self._show_words()

    def _label(self, line: ProposedIncident | IncidentInLocalTime) -> Content:
        width = self.query_one(IncidentList).scrollable_content_region.width - 1
        if isinstance(line, ProposedIncident):
            return Content.styled(
                wrap_with_indent(f"{PROPOSED_MARK} {self.say(_question(line.incident))}", INDENT, width), "bold"
            )
        mark, style = (ENDED_MARK, MUTED) if line.is_over else (CURRENT_MARK, "bold")
        return Content.styled(
            wrap_with_indent(f"{mark} {self.say(incident_words(line).heading)}", INDENT, width), style
        )

    def on_option_list_option_highlighted(self) -> None:
        self._show_words()

    def _show_words(self) -> None:
        position = self.query_one(IncidentList).highlighted
        line = None if position is None or position >= len(self.listed) else self.listed[position]
        self.query_one("#said", PlainTextLine).write(
            "" if line is None else "\n\n".join(map(self.say, _sentences_about(line)))
        )

    # ── Acts ─────────────────────────────────────────────────────────────────────────────────────────────

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  # Textual's signature
        return action != "announce" or self.session.agent.role is AgentRole.SUPERVISOR

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.announce_or_end(self.listed[event.option_index])

    @work(group=ACTION_GROUP)
    async def announce_or_end(self, line: ProposedIncident | IncidentInLocalTime) -> None:
        if self.found is None or not self.found.may_announce:
            self.show_notice(words.SUPERVISORS_ONLY)
        elif isinstance(line, ProposedIncident):
            await self._announce(line.incident)
        elif line.is_over:
            self.show_notice(words.ENDED_ALREADY)
        else:
            await self._end(line)

    @work(group=ACTION_GROUP)
    async def action_announce(self) -> None:
        choice = await self.app.push_screen_wait(choose_incident_dialog(self.session))
        academies = None if choice is None else await self.call_desk(IncidentBoard.academies)
        if choice is None or academies is None:
            return
        new = await self.app.push_screen_wait(IncidentBlanksDialog(self.session, choice, academies))
        if new is not None:
            await self._announce(new)

    async def _announce(self, new: NewIncident) -> None:
        if await self.succeeds(IncidentBoard.announce, new, act=words.KEY_ANNOUNCE):
            self.show_notice(words.ANNOUNCED)
            await self.reload_after_last_look()

    async def _end(self, notice: IncidentInLocalTime) -> None:
        question = words.END_QUESTION.fill({"heading": incident_words(notice).heading})
        sure = await self.app.push_screen_wait(ConfirmDialog(self.session, question, words.END_INCIDENT))
        if sure and await self.succeeds(IncidentBoard.end, notice.incident.id, act=words.END_INCIDENT):
            self.show_notice(words.ENDED)
            await self.reload_after_last_look()


def _question(new: NewIncident) -> Text:
    where = WHERE[new.scope].fill({"subject": new.subject})
    return words.PROPOSED.fill({"title": BY_NAME[new.sentence].title, "where": where})


def _sentences_about(line: ProposedIncident | IncidentInLocalTime) -> tuple[Text, ...]:
    if isinstance(line, ProposedIncident):
        sentence = BY_NAME[line.incident.sentence]
        return (line.why, words.VOTERS_READ.fill({"said": sentence.voter}), *_to_say(sentence.agent))
    sentences, author = incident_words(line), line.incident.author
    by = words.BY_OPERATOR if author is None else words.BY.fill({"name": author})
    return (
        *(words.VOTERS_READ.fill({"said": each}) for each in sentences.voter[:1]),
        *_to_say(sentences.agent[:-1]),
        *sentences.voter[1:],
        by,
    )


def _to_say(sentences: tuple[Text, ...]) -> tuple[Text, ...]:
    return tuple(words.AGENTS_SAY.fill({"said": each}) for each in sentences)
