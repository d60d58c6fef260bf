"""State that all screens of a terminal share, such as the agent's session."""

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
from core.ports import AnswerWay, CallRecord
from core.text.text import Language, Text
from tui.appearance import RememberedThemeAndLanguage
from tui.translator import Translator

RECENT_FILES = 5
MOST_ANNOUNCEMENTS = 4
"""Number of screen reader announcements that stay visible."""


@dataclass
class TerminalSession:
    desk: TerminalDesk
    language: Language
    signed_in: AgentSession | None = None
    tips: tuple[Text, ...] = ()
    missing_pictures_notice: Callable[[], Text | None] = lambda: None
    """Returns a sentence if a demo's help lacks screenshots, otherwise None."""
    locked: bool = False
    remembered: RememberedThemeAndLanguage = field(default_factory=RememberedThemeAndLanguage)
    linear: bool = False
    """True if the agent uses a screen reader. The terminal then shows one column."""
    recent_announcements: deque[str] = field(default_factory=lambda: deque(maxlen=MOST_ANNOUNCEMENTS))
    case_sheet_folder: Path | None = field(default_factory=Path.home)
    """Folder for exported case sheets, or None to use the clipboard."""
    named_step: str | None = None
    """Code of the step that the caller named before the agent opened a file."""
    last_closed_file: "CallWithOpenVoterFile | None" = None
    """The last closed file. None after the agent opens another file or the call ends."""
    left_subject: CallSubject = field(default_factory=CallSubject)
    """Voter or case of the last file that was closed in this call."""
    recent_files: "tuple[CallWithOpenVoterFile, ...]" = ()
    action_with_unknown_outcome: Text | None = None
    """Name of the last action, if its outcome is unknown."""
    call_began: datetime | None = None
    call_last_active: datetime | None = None
    """Time of the agent's last activity in the current call."""
    call_back: CallBackLine | None = None
    ended_call: CallRecord | None = None
    bell_announced_ids: frozenset[int | str] = frozenset()
    """Ids of the call-backs and approval requests that the bell has already announced."""

    @property
    def call_beginning_or_now(self) -> datetime:
        return self.call_began or self.desk.clock.now()

    def begin_or_continue_call(self) -> None:
        """Continue the call, or begin a new one after `caller_away_minutes` without activity."""
        if not self.is_call_recent:
            self.call_began, self.named_step = self.desk.clock.now(), None
        self.note_call_goes_on()

    @property
    def is_agent_active(self) -> bool:
        away = timedelta(minutes=self.desk.policy.caller_away_minutes)
        return self.call_last_active is not None and self.desk.clock.now() - self.call_last_active < away

    @property
    def is_call_recent(self) -> bool:
        return self.call_began is not None and self.is_agent_active

    def note_call_goes_on(self) -> None:
        self.call_last_active = self.desk.clock.now()

    def end_call(self, ended: CallRecord | None) -> None:
        self.last_closed_file, self.call_began, self.call_last_active, self.ended_call = None, None, None, ended
        self.left_subject, self.named_step = CallSubject(), None

    def call_to_correct(self) -> CallRecord | None:
        """Return the call that has just ended. If another call has begun, return None."""
        away = timedelta(minutes=self.desk.policy.caller_away_minutes)
        recent = self.ended_call is not None and self.desk.clock.now() - self.ended_call.ended < away
        return self.ended_call if recent and self.call_began is None else None

    @property
    def has_call_to_end_or_correct(self) -> bool:
        return bool(self.call_began or self.call_back or self.call_to_correct())

    def taken_call_back_for(self, subject: CallSubject) -> CallBackLine | None:
        """Return the agent's call-back if it is about this voter or case."""
        taken = self.call_back
        if taken is None or taken.voter is not None:
            return taken if taken is not None and taken.voter == subject.voter else None
        return taken if subject.case in {taken.case, None} and subject.voter is None else None

    def call_of_opened_file(self, voter: int, name: str) -> "CallWithOpenVoterFile":
        """Begin or continue a call when a voter's file is opened, unless the agent answers a written request.

        If this file was closed last, the caller stays verified.
        """
        request = self.taken_call_back_for(CallSubject(voter=voter))
        if request is None or request.way is not AnswerWay.WRITING:
            self.begin_or_continue_call()
        call, left = CallWithOpenVoterFile(voter, name, self.desk.clock.now()), self.last_closed_file
        call.named_step = self.named_step
        if left is not None and left.voter == voter and left.caller is not None:
            call.caller = self.desk.call(CallerVerification.resume, self.agent, left.caller)
            call.named_step = call.named_step or left.named_step
        self.named_step, self.last_closed_file = None, None
        self.recent_files = (call, *(each for each in self.recent_files if each.voter != voter))[:RECENT_FILES]
        return call

    def record_file_left(self, subject: CallSubject) -> None:
        self.left_subject = subject
        self.note_call_goes_on()

    def forget_all_calls(self) -> None:
        self.recent_files, self.call_back, self.bell_announced_ids = (), None, frozenset()
        self.locked = False
        self.end_call(None)

    @property
    def agent(self) -> AgentSession:
        """The session of the signed-in agent. Available only after the sign-in."""
        assert self.signed_in is not None  # noqa: S101  # see the docstring
        return self.signed_in

    @property
    def translator(self) -> Translator:
        return Translator(self.language, self.desk.election)


@dataclass
class CallWithOpenVoterFile:
    """A call during which a voter's file is open. `caller` is None until the caller is verified."""

    voter: int
    name: str
    opened: datetime
    caller: VerifiedCaller | None = None
    named_step: str | None = None
    """Code of the step that the caller sees, if the voter has no case."""
