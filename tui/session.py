"""The state that screens share: the services, the language, the agent's session, and the call."""

from dataclasses import dataclass
from datetime import datetime

from core.desk.authorisation import AgentSession, Caller
from core.desk.desk import Desk
from core.desk.desk_access import DeskAccess
from core.text.text import Language, Text
from tui.translator import Translator

RECENT_FILES = 5


@dataclass
class TerminalSession:
    """One terminal and whoever is signed in at it."""

    services: DeskAccess
    language: Language
    signed_in: AgentSession | None = None
    tips: tuple[Text, ...] = ()
    """What to try first, in a demo."""
    said: str | None = None
    """The code of a step that the caller said before their file was opened."""
    left: "PhoneCall | None" = None
    """The call whose file was left last."""
    recent: "tuple[PhoneCall, ...]" = ()
    """The files opened last, the newest first."""
    unsure: Text | None = None
    """The act of which nobody knows whether it was done, until the agent has signed in again."""

    def begin_call(self, voter: int, name: str) -> "PhoneCall":
        """Return the call of a file that opens; one that was left a moment ago goes on."""
        call, left = PhoneCall(voter, name, said=self.said), self.left
        if left is not None and left.voter == voter and left.caller is not None and left.left_at is not None:
            call.caller = self.desk.verification.resume(self.agent, left.caller, left.left_at)
            call.said = call.said or left.said
        self.said, self.left = None, None
        self.recent = (call, *(each for each in self.recent if each.voter != voter))[:RECENT_FILES]
        return call

    def leave(self, call: "PhoneCall") -> None:
        """Note when the file of a call was left."""
        call.left_at = self.services.clock.now()
        self.left = call

    def forget(self) -> None:
        """Forget every call: the agent has left."""
        self.said, self.left, self.recent = None, None, ()

    @property
    def agent(self) -> AgentSession:
        """The agent's session; the screens behind the sign-in are only shown while there is one."""
        assert self.signed_in is not None  # noqa: S101  # otherwise a defect
        return self.signed_in

    @property
    def desk(self) -> Desk:
        """The agents' use cases."""
        return self.services.desk

    @property
    def translator(self) -> Translator:
        """The translator of the current language."""
        return Translator(self.language, self.services.election)


@dataclass
class PhoneCall:
    """A voter's open file and whoever calls about it; left for longer than a moment, its verification ends."""

    voter: int
    name: str
    caller: Caller | None = None
    said: str | None = None
    """The code of the step where the caller says they are, before there is a case."""
    left_at: datetime | None = None
