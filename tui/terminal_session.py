"""The state shared by the screens: the desk, the language, the agent's session, and the call."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from core.desk.authorisation import AgentSession, VerifiedCaller
from core.desk.call_backs import CallBackLine
from core.desk.desk import TerminalDesk
from core.desk.subjects import CallSubject
from core.desk.verification import CallerVerification
from core.ports import CallRecord
from core.text.text import Language, Text
from tui.appearance import RememberedThemeAndLanguage
from tui.translator import Translator

RECENT_FILES = 5
ANNOUNCED = 4
"""The number of announcements on the screen."""


@dataclass
class TerminalSession:
    """A terminal and its signed-in agent."""

    desk: TerminalDesk
    language: Language
    signed_in: AgentSession | None = None
    tips: tuple[Text, ...] = ()
    """Suggestions for a demo."""
    pictures: Callable[[], Text | None] = lambda: None
    """Returns the sentence about the pictures of the help while a demo takes them."""
    locked: bool = False
    """True while the terminal is locked. No data is read then."""
    remembered: RememberedThemeAndLanguage = field(default_factory=RememberedThemeAndLanguage)
    linear: bool = False
    """True if the terminal shows one column and announces changes, for screen readers."""
    announced: deque[str] = field(default_factory=lambda: deque(maxlen=ANNOUNCED))
    sheets: Path | None = field(default_factory=Path.home)
    """The folder for sheets of cases. If None, sheets are copied to the clipboard."""
    said: str | None = None
    """The code of the caller's step, said before the file was opened."""
    left: "CallWithOpenVoterFile | None" = None
    """The call whose file was closed last."""
    recent: "tuple[CallWithOpenVoterFile, ...]" = ()
    """The recently opened files, newest first."""
    unsure: Text | None = None
    """An act with an unknown outcome, until the agent has signed in again."""
    call_began: datetime | None = None
    """The time of the first search or opened file of the present call. None between calls."""
    call_seen: datetime | None = None
    """The time of the call's last search, or of its last opened or closed file."""
    call_back: CallBackLine | None = None
    """The call-back that the agent has taken and not ended."""
    ended: CallRecord | None = None
    """The last ended call."""
    rung: frozenset[int | str] = frozenset()
    """The call-backs and approval requests for which the bell has rung."""

    @property
    def call_beginning_or_now(self) -> datetime:
        return self.call_began or self.desk.clock.now()

    def begin_or_continue_call(self) -> None:
        """Begin a call, unless one was active in the last `caller_away_minutes`."""
        now, away = self.desk.clock.now(), timedelta(minutes=self.desk.policy.caller_away_minutes)
        if self.call_began is None or self.call_seen is None or now - self.call_seen >= away:
            self.call_began = now
        self.call_seen = now

    def note_call_goes_on(self) -> None:
        self.call_seen = self.desk.clock.now()

    def end_call(self, ended: CallRecord | None) -> None:
        self.left, self.call_began, self.call_seen, self.ended = None, None, None, ended

    def call_to_correct(self) -> CallRecord | None:
        """Return the call that has just ended, if no other call has begun."""
        away = timedelta(minutes=self.desk.policy.caller_away_minutes)
        recent = self.ended is not None and self.desk.clock.now() - self.ended.ended < away
        return self.ended if recent and self.call_began is None else None

    def taken_call_back_for(self, subject: CallSubject) -> CallBackLine | None:
        """Return the taken call-back if it is about this subject, or if both have no voter and compatible cases."""
        taken = self.call_back
        if taken is None or taken.voter is not None:
            return taken if taken is not None and taken.voter == subject.voter else None
        return taken if subject.case in {taken.case, None} and subject.voter is None else None

    def call_of_opened_file(self, voter: int, name: str) -> "CallWithOpenVoterFile":
        """Return the call of an opened file. If the file was just closed, its verification continues."""
        self.begin_or_continue_call()
        call, left = CallWithOpenVoterFile(voter, name, said=self.said), self.left
        if left is not None and left.voter == voter and left.caller is not None:
            call.caller = self.desk.call(CallerVerification.resume, self.agent, left.caller)
            call.said = call.said or left.said
        self.said, self.left = None, None
        self.recent = (call, *(each for each in self.recent if each.voter != voter))[:RECENT_FILES]
        return call

    def record_voter_file_left(self, call: "CallWithOpenVoterFile") -> None:
        self.left = call
        self.note_call_goes_on()

    def forget_all_calls(self) -> None:
        self.said, self.recent, self.call_back, self.rung = None, (), None, frozenset()
        self.locked = False
        self.end_call(None)

    @property
    def agent(self) -> AgentSession:
        """The agent's session. Use it only after the sign-in."""
        assert self.signed_in is not None  # noqa: S101  # only screens after the sign-in use it
        return self.signed_in

    @property
    def translator(self) -> Translator:
        return Translator(self.language, self.desk.election)


@dataclass
class CallWithOpenVoterFile:
    """A voter's open file and its verified caller."""

    voter: int
    name: str
    caller: VerifiedCaller | None = None
    said: str | None = None
    """The code of the step that the caller sees, if there is no case."""
