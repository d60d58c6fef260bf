"""Files that agents have opened, so that one which a client reads without opening it leaves a line in the journal too."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.desk.sessions_callers_and_approvals import AgentSession, Authorisation
from core.desk.voter_files import VoterFiles
from core.ports import EventType
from core.remote_desk.allowed_remote_calls import AllowedRemoteCall

READERS = ("files", "guide")
OPENERS = (VoterFiles.open, VoterFiles.open_case)
MOST = 20_000
"""Pairs of an agent and a file that are remembered; beyond it a file that is read on is written once more."""


@dataclass(slots=True)
class VoterFileReadAudit:
    """Pairs of an agent and a voter's id or a case number."""

    _opened: set[tuple[str, object]] = field(default_factory=set)

    def note(self, call: AllowedRemoteCall, arguments: Mapping[str, Any], authorisation: Authorisation) -> None:
        """Remember a file that was opened or read; write an event for one that was not opened before."""
        session, voter, case = arguments.get("session"), arguments.get("voter"), arguments.get("number")
        if call.part not in READERS or not isinstance(session, AgentSession) or (voter is None and case is None):
            return
        pair = (session.name, case if voter is None else voter)
        if call.method not in OPENERS and pair not in self._opened:
            authorisation.record_agent_event(session, EventType.FILE_OPENED, voter=voter, case=case)
        if len(self._opened) >= MOST:
            self._opened.clear()
        self._opened.add(pair)
