"""Messages from a screen to the app, which chooses the next screen."""

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
    """The session is over. The agent must sign in again."""


@dataclass
class OpenCallGuide(Message):
    """The agent wants to guide the caller through a flow."""

    call: CallWithOpenVoterFile
    flow: str


@dataclass
class OpenVoterFile(Message):
    """The agent wants the file of a voter, or of a case whose voter is unknown."""

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
    """A change to announce to screen readers."""

    text: str


@dataclass
class CharacterTypedOutsideInput(Message):
    """A character was typed while no input had the focus."""

    letter: str


@dataclass
class LockedByDaemon(Message):
    """The daemon has locked the session. The agent must enter the password or a code."""


@dataclass
class DatabaseLost(Message):
    """A use case could not reach the database. Nothing was done."""
