"""Messages that a screen sends to the application."""

from dataclasses import dataclass

from textual.message import Message

from core.desk.authorisation import AgentSession
from tui.terminal_session import CallWithOpenVoterFile


@dataclass
class SignedIn(Message):
    session: AgentSession


@dataclass
class AgentMustSignInAgain(Message):
    """Sent when the agent's session is over."""


@dataclass
class OpenCallGuide(Message):
    call: CallWithOpenVoterFile
    flow: str


@dataclass
class OpenVoterFile(Message):
    """Asks the application to open a voter's file, or a case if the voter is unknown."""

    voter: int | None
    case: str | None


@dataclass
class OpenCase(Message):
    number: str


@dataclass
class TakeCallBack(Message):
    call_back: int


@dataclass
class TakeHandOver(Message):
    hand_over: int


@dataclass
class ScreenReaderAnnouncement(Message):
    text: str


@dataclass
class LockedByDaemon(Message):
    pass


@dataclass
class DatabaseLost(Message):
    pass
