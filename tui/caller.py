"""Verifying the caller: the agent types what they answer; the tool says go on or stop, never which was wrong (rule 11)."""

from typing import ClassVar

from textual import work
from textual.app import ComposeResult

from core.flows.desk import CallerAnswers
from core.service.desk.proofs import Caller
from core.text import Text
from core.words import desk as words
from tui.dialog import Dialog
from tui.fields import ActForm
from tui.line import Line
from tui.sitting import Call, Sitting


class CallerCheck(Dialog[Caller]):
    """Returns the caller, verified. There is no other way to one."""

    heading: ClassVar[Text] = words.CALLER_TITLE
    explained: ClassVar[Text] = words.CALLER_EXPLAINED
    AUTO_FOCUS = "Typed"

    def __init__(self, sitting: Sitting, call: Call) -> None:
        super().__init__(sitting)
        self.call = call

    def inside(self) -> ComposeResult:
        """Who they say they are, and what to ask."""
        yield Line(self.say(words.CALLER_SAYS, name=self.call.name), "say")
        yield ActForm(self.sitting.voice, self.sitting.house.desk.forms.verify_caller)

    @work(exclusive=True)
    async def on_act_form_answered(self, event: ActForm.Answered) -> None:
        """Asks."""
        answers, duty, voter = event.answer, self.sitting.on_duty, self.call.voter
        assert isinstance(answers, CallerAnswers)  # noqa: S101  # what this act makes
        callers = self.sitting.house.desk.callers
        caller = await self.ask(lambda: callers.verify(duty, voter, answers.birth_date, answers.numen))
        if caller is not None:
            self.dismiss(caller)
