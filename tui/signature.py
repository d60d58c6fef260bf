"""A supervisor signs beside the agent, at the agent's terminal."""

from typing import ClassVar

from textual import work
from textual.app import ComposeResult

from core.flows.desk import SigningIn
from core.service.desk.proofs import Signature
from core.text import Text
from core.words import desk as words
from tui.dialog import Dialog
from tui.fields import ActForm
from tui.line import Line
from tui.sitting import Call, Sitting


class Countersign(Dialog[Signature]):
    """Returns the signature."""

    heading: ClassVar[Text] = words.SIGNATURE_TITLE
    explained: ClassVar[Text] = words.SIGNATURE_EXPLAINED
    AUTO_FOCUS = "Typed"

    def __init__(self, sitting: Sitting, call: Call) -> None:
        super().__init__(sitting)
        self.call = call

    def inside(self) -> ComposeResult:
        """For whom, then who signs."""
        yield Line(self.say(words.SIGNATURE_FOR, name=self.call.name), "say")
        yield ActForm(self.sitting.voice, self.sitting.house.desk.forms.countersign)

    @work(exclusive=True)
    async def on_act_form_answered(self, event: ActForm.Answered) -> None:
        """Asks."""
        signing, duty, voter = event.answer, self.sitting.on_duty, self.call.voter
        assert isinstance(signing, SigningIn)  # noqa: S101  # what this act makes
        agents = self.sitting.house.desk.agents
        signed = await self.ask(lambda: agents.confirm(duty, voter, signing.name, signing.password, signing.code))
        if signed is not None:
            self.dismiss(signed)
