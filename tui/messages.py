"""What a screen tells the app, which decides what is up next. Small dataclasses, all on one page."""

from dataclasses import dataclass

from textual.message import Message

from core.service.desk.proofs import Duty
from tui.sitting import Call


@dataclass
class SignedIn(Message):
    """Someone is on duty."""

    duty: Duty


@dataclass
class DutyEnded(Message):
    """The account has changed since: sign in anew."""


@dataclass
class GuideWanted(Message):
    """The agent wants to go through the steps with that person."""

    call: Call
    flow: str


@dataclass
class FileWanted(Message):
    """A person, or a case of nobody known."""

    voter: int | None
    case: str | None


@dataclass
class LetterTyped(Message):
    """A letter was typed where there is no input."""

    letter: str


@dataclass
class StoreLost(Message):
    """A service could not reach the database; nothing was done."""
