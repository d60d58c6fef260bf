"""Messages from a screen to the app, which decides which screen comes next."""

from dataclasses import dataclass

from textual.message import Message

from core.desk.authorisation import AgentSession
from tui.terminal_session import CallWithOpenVoterFile


@dataclass
class SignedIn(Message):
    """An agent signed in."""

    session: AgentSession


@dataclass
class AgentMustSignInAgain(Message):
    """The agent's account has changed since: they must sign in again."""


@dataclass
class OpenCallGuide(Message):
    """The agent wants to guide the caller through a flow."""

    call: CallWithOpenVoterFile
    flow: str


@dataclass
class OpenVoterFile(Message):
    """The agent wants the file of a voter, or of a case without a known voter."""

    voter: int | None
    case: str | None


@dataclass
class OpenCase(Message):
    """The agent wants one of a voter's cases."""

    number: str


@dataclass
class TakeCallBack(Message):
    """The agent wants to call back."""

    call_back: int


@dataclass
class TakeHandOver(Message):
    """The agent wants the file that a colleague hands over."""

    hand_over: int


@dataclass
class ScreenReaderAnnouncement(Message):
    """Something changed that a reader of one line at a time would not notice."""

    text: str


@dataclass
class CharacterTypedOutsideInput(Message):
    """A letter was typed where there is no input."""

    letter: str


@dataclass
class LockedByDaemon(Message):
    """The daemon refuses the session until the password or a code is given again."""


@dataclass
class DatabaseLost(Message):
    """A use case could not reach the database; nothing was done."""
