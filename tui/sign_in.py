"""Signing in: name, password and the six digits of the agent's application; the first time, a password of one's own."""

from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.containers import VerticalScroll

from core.flows.desk import OwnPassword, SigningIn
from core.service.desk.proofs import Duty, Newcomer
from core.steps import Act, Problems
from core.text import Text
from core.words import desk as words
from tui.fields import ActForm
from tui.frame import Asking
from tui.line import Line
from tui.messages import SignedIn
from tui.sitting import Sitting

BRAND = "Retrouve"


class SignIn(Asking[None]):
    """The first screen; returns to it when a session ends."""

    CSS_PATH = "sign_in.tcss"
    explained: ClassVar[Text] = words.SIGN_IN_EXPLAINED
    AUTO_FOCUS = "Typed"

    def __init__(self, sitting: Sitting) -> None:
        super().__init__(sitting)
        self.newcomer: Newcomer | None = None

    @property
    def act(self) -> Act[SigningIn] | Act[OwnPassword]:
        """What is to be typed now."""
        forms = self.sitting.house.desk.forms
        return forms.sign_in if self.newcomer is None else forms.choose_password

    def inside(self) -> ComposeResult:
        """A narrow column in the middle."""
        title = words.SIGN_IN_TITLE if self.newcomer is None else words.OWN_PASSWORD_TITLE
        with VerticalScroll(id="column", can_focus=False):
            yield Line(BRAND, "brand")
            yield Line(self.sitting.house.election.name, "election")
            yield Line(self.say(title), "heading")
            yield ActForm(self.sitting.voice, self.act)

    @work(exclusive=True)
    async def on_act_form_answered(self, event: ActForm.Answered) -> None:
        """Asks; what is typed wrong is forgotten, but for the name."""
        answer = event.answer
        try:
            entered = await self.ask(lambda: self._enter(answer))
        except Problems as problems:
            event.form.mend(problems.by_field)
            return
        match entered:
            case Duty():
                self.post_message(SignedIn(entered))
            case Newcomer():
                self.newcomer = entered
                await self.redraw()
            case None:
                pass  # why, stands on the screen

    async def start_again(self) -> None:
        """Nothing of the session before is left."""
        self.newcomer = None
        await self.redraw()

    def _enter(self, answer: object) -> Duty | Newcomer:
        agents = self.sitting.house.desk.agents
        match answer:
            case SigningIn():
                return agents.sign_in(answer.name, answer.password, answer.code)
            case OwnPassword() if self.newcomer is not None:
                return agents.choose_password(self.newcomer, answer.new_password)
            case _:
                raise TypeError(answer)
