"""Dialogs by which a supervisor announces an incident: a sentence of the list, then its blanks."""

from collections.abc import Sequence

from core.desk.announce_incident_form import (
    FilledIncidentBlanks,
    IncidentSentenceAndScope,
    NewIncident,
    incident_blanks_form,
    incident_sentence_choices,
)
from core.text.faces import incident_and_overview_screen_texts as words
from core.text.faces import journal_screen_texts
from tui.choice_dialog import Choice, ChoiceDialog
from tui.form_dialogs import FormDialog
from tui.terminal_session import TerminalSession


def choose_incident_dialog(session: TerminalSession) -> ChoiceDialog[IncidentSentenceAndScope]:
    """Return the dialog that returns a sentence for a scope."""
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
    """Returns the incident with its blanks filled in; it is announced by whoever asked for it."""

    heading = words.BLANKS_TITLE
    help_text = words.BLANKS_EXPLAINED

    def __init__(self, session: TerminalSession, choice: IncidentSentenceAndScope, academies: Sequence[str]) -> None:
        services = session.services
        now = services.calendar.to_local(services.clock.now())
        super().__init__(session, choice.sentence.voter, incident_blanks_form(choice, academies, now))
        self.choice = choice

    def call_use_case(self, answer: FilledIncidentBlanks) -> NewIncident:
        """Put the blanks into the sentence."""
        return self.choice.filled(answer)
