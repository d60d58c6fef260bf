"""The sign-in screen. At the first sign-in, the agent chooses a new password."""

from textual import work
from textual.app import ComposeResult

from core.desk.authorisation import AgentChoosingFirstPassword, AgentSession
from core.desk.forms import CHOOSE_PASSWORD, SIGN_IN, AgentCredentials, NewAgentPassword
from core.desk.sessions import AgentSessions
from core.forms.flow_model import FormErrors
from core.text.faces import desk_terminal_texts as words
from tui.app_messages import SignedIn
from tui.base_screen import ACTION_GROUP, BaseScreen, NoticeLine
from tui.field_widgets import ActionForm
from tui.focus_pane import FocusPane
from tui.plain_text_line import PlainTextLine
from tui.terminal_session import TerminalSession

BRAND = "Retrouve"


class SignInScreen(BaseScreen[None]):
    CSS_PATH = "sign_in_screen.tcss"
    help_text = words.SIGN_IN_EXPLAINED
    AUTO_FOCUS = "FieldInput"

    def __init__(self, session: TerminalSession) -> None:
        super().__init__(session)
        self.pending: AgentChoosingFirstPassword | None = None

    def compose_body(self) -> ComposeResult:
        first = self.pending is not None
        with FocusPane(id="column"):
            yield PlainTextLine(BRAND, "brand")
            yield PlainTextLine(self.session.desk.election.name, "election")
            yield PlainTextLine(self.say(words.OWN_PASSWORD_TITLE if first else words.SIGN_IN_TITLE), "heading")
            yield ActionForm(self.session.translator, CHOOSE_PASSWORD if first else SIGN_IN)

    @work(group=ACTION_GROUP)
    async def on_action_form_answered(self, event: ActionForm.Answered) -> None:
        answer = event.answer
        try:
            entered = await self.run_use_case(lambda: self._enter(answer))
        except FormErrors as problems:
            event.form.show_problems(problems.by_field)
            return
        match entered:
            case AgentSession():
                self.post_message(SignedIn(entered))
            case AgentChoosingFirstPassword():
                self.pending = entered
                await self.redraw()
            case None:
                pass  # the reason is on the screen

    async def start_again(self) -> None:
        self.pending = None
        self.set_focus(None)
        await self.redraw()

    def show_why_signed_out(self) -> None:
        unsure = self.session.action_with_unknown_outcome
        sentence = words.SESSION_OVER if unsure is None else words.NOT_KNOWN.fill({"act": unsure})
        for notice in self.query(NoticeLine):  # there is none if the terminal is closing
            notice.show(self.say(sentence), wrong=True)

    def _enter(self, answer: object) -> AgentSession | AgentChoosingFirstPassword:
        desk = self.session.desk
        match answer:
            case AgentCredentials():
                return desk.call(AgentSessions.sign_in, answer.name, answer.password, answer.code)
            case NewAgentPassword() if self.pending is not None:
                return desk.call(AgentSessions.choose_password, self.pending, answer.new_password)
            case _:
                raise TypeError(answer)
