"""Dialogs by which a supervisor announces an incident: a sentence of the list, then its blanks."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from core.desk.announce_incident_form import (
    FilledIncidentBlanks,
    IncidentSentenceAndScope,
    NewIncident,
    incident_blanks_form,
    incident_sentence_choices,
)
from core.text.faces import incident_and_overview_screen_texts as words
from core.text.text import Text
from tui.base_dialog import Dialog
from tui.form_dialogs import FormDialog
from tui.terminal_session import TerminalSession


class IncidentSentenceList(OptionList):
    """Every sentence with each of its scopes."""

    help_text = words.CHOOSE_EXPLAINED


class ChooseIncidentDialog(Dialog[IncidentSentenceAndScope]):
    """Returns a sentence for a scope."""

    heading: ClassVar[Text] = words.CHOOSE_TITLE
    help_text: ClassVar[Text] = words.CHOOSE_EXPLAINED
    AUTO_FOCUS = "IncidentSentenceList"

    def __init__(self, session: TerminalSession) -> None:
        super().__init__(session)
        self.choices = incident_sentence_choices()

    def compose_body(self) -> ComposeResult:
        """Draw the list."""
        labels = (
            words.CHOICE.fill({"title": each.sentence.title, "where": each.concerned_people_words})
            for each in self.choices
        )
        yield IncidentSentenceList(*(Option(self.say(label)) for label in labels), markup=False)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Return the chosen one."""
        self.dismiss(self.choices[event.option_index])


class IncidentBlanksDialog(FormDialog[NewIncident]):
    """Returns the incident with its blanks filled in; it is announced by whoever asked for it."""

    heading: ClassVar[Text] = words.BLANKS_TITLE
    help_text: ClassVar[Text] = words.BLANKS_EXPLAINED

    def __init__(self, session: TerminalSession, choice: IncidentSentenceAndScope, academies: Sequence[str]) -> None:
        services = session.services
        now = services.calendar.to_local(services.clock.now())
        super().__init__(session, choice.sentence.voter, incident_blanks_form(choice, academies, now))
        self.choice = choice

    def call_use_case(self, answer: FilledIncidentBlanks) -> NewIncident:
        """Put the blanks into the sentence."""
        return self.choice.filled(answer)
