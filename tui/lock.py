"""The lock: hides the screen of a terminal left alone, and gives it back as it was."""

from typing import ClassVar

from textual import work
from textual.app import ComposeResult

from core.flows.desk import Unlocking
from core.service.desk.proofs import Duty
from core.text import Text
from core.words import desk as words
from tui.dialog import Dialog
from tui.fields import ActForm
from tui.line import Line


class Lock(Dialog[Duty]):
    """Returns the same duty; nothing else takes it away."""

    CSS_PATH = "lock.tcss"
    heading: ClassVar[Text] = words.LOCKED_TITLE
    explained: ClassVar[Text] = words.LOCKED_EXPLAINED
    AUTO_FOCUS = "Typed"

    def inside(self) -> ComposeResult:
        """Whose it is, and how to open it."""
        yield Line(self.say(words.LOCKED, name=self.sitting.on_duty.name), "say")
        yield ActForm(self.sitting.voice, self.sitting.house.desk.forms.unlock)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  # Textual's signature
        """There is no way round it."""
        return action != "back"

    @work(exclusive=True)
    async def on_act_form_answered(self, event: ActForm.Answered) -> None:
        """Asks."""
        assert isinstance(event.answer, Unlocking)  # noqa: S101  # what this act makes
        opening, duty = event.answer.opening, self.sitting.on_duty
        opened = await self.ask(lambda: self.sitting.house.desk.agents.unlock(duty, opening))
        if opened is not None:
            self.dismiss(opened)
