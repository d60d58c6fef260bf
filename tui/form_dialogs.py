"""Dialogs that contain one form."""

from abc import abstractmethod
from typing import Any, TypeVar

from textual import work
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete

from core.desk.authorisation import AgentSession, VerifiedCaller
from core.desk.forms import UNLOCK, VERIFY_CALLER, CallerAnswers, UnlockSecret
from core.desk.sessions import AgentSessions
from core.desk.verification import CallerVerification
from core.forms.flow_model import Action
from core.text.faces import desk_terminal_texts as words
from core.text.text import Text
from tui.base_screen import ACTION_GROUP
from tui.dialogs import Dialog
from tui.field_widgets import ActionForm, FieldInput
from tui.plain_text_line import PlainTextLine
from tui.terminal_session import CallWithOpenVoterFile, TerminalSession

R = TypeVar("R")


class FormDialog(Dialog[R]):
    """A dialog with a form. Returns the result of `call_use_case`."""

    AUTO_FOCUS = "FieldInput"

    def __init__(self, session: TerminalSession, sentence: Text, action: Action[Any]) -> None:
        super().__init__(session)
        self.sentence = sentence
        self.action = action

    def compose_body(self) -> ComposeResult:
        yield PlainTextLine(self.say(self.sentence), "say")
        yield ActionForm(self.session.translator, self.action)

    @abstractmethod
    def call_use_case(self, answer: Any) -> R:  # noqa: ANN401  # depends on the action
        """Call the use case with the form's data, in a thread."""

    @work(group=ACTION_GROUP)
    async def on_action_form_answered(self, event: ActionForm.Answered) -> None:
        result = await self.run_use_case(lambda: self.call_use_case(event.answer), act=self.heading)
        if result is not None:
            self.dismiss(result)


class VerifyCallerDialog(FormDialog[VerifiedCaller]):
    """Checks the caller's birth date and NUMEN. The error message does not say which of the two is wrong."""

    heading = words.CALLER_TITLE
    help_text = words.CALLER_EXPLAINED

    def __init__(self, session: TerminalSession, call: CallWithOpenVoterFile, first_digit: str) -> None:
        sentence = words.CALLER_SAYS.fill({"name": call.name})
        super().__init__(session, sentence, VERIFY_CALLER)
        self.call = call
        self.first_digit = first_digit

    def on_mount(self) -> None:
        self.query(FieldInput).first().insert_text_at_cursor(self.first_digit)

    def call_use_case(self, answer: CallerAnswers) -> VerifiedCaller:
        agent, voter = self.session.agent, self.call.voter
        return self.session.desk.call(CallerVerification.verify, agent, voter, answer.birth_date, answer.numen)


class LockScreen(FormDialog[AgentSession]):
    """Covers a locked terminal. Returns the session when the agent unlocks the terminal."""

    heading = words.LOCKED_TITLE
    help_text = words.LOCKED_EXPLAINED

    def __init__(self, session: TerminalSession) -> None:
        sentence = words.LOCKED.fill({"name": session.agent.name})
        super().__init__(session, sentence, UNLOCK)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  # Textual's signature
        return action != "back"

    def call_use_case(self, answer: UnlockSecret) -> AgentSession:
        return self.session.desk.call(AgentSessions.unlock, self.session.agent, answer.secret)

    def dismiss(self, result: AgentSession | None = None) -> AwaitComplete:
        if self.is_active and result is not None:
            self.session.locked = False  # not in a callback, which is lost if the widget that had the focus is gone
        return super().dismiss(result)
