"""Answers a request: reads it, calls the one use case that it names, and sends what that returned or refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import msgspec
import structlog

from core.desk.agent_sessions import AgentSessions
from core.desk.call_end_records import CallEndUseCases
from core.desk.desk import TerminalServices
from core.desk.sessions_callers_and_approvals import AgentSession, Authorisation, UnforgeableValue
from core.desk.voter_files import VoterFiles
from core.forms import errors
from core.forms.errors import Refusal
from core.ports import EventType
from core.remote_desk.allowed_remote_calls import (
    ALLOWED,
    CALLS,
    TERMINAL,
    AllowedRemoteCall,
    ElectionFactsReader,
)
from core.remote_desk.sessions_and_callers_by_token import SessionsAndCallersByToken
from core.remote_desk.socket_messages import MOST_ANSWER, Answer, RemoteCallRequest, RemoteCallResult, answer_for_error
from core.remote_desk.value_codec import ValueCodec, is_acceptable_argument, unforgeable_value_type

log = structlog.get_logger()
SECONDS_OF_MINUTE = 60
LOCK_GRACE_SECONDS = 60.0
"""A terminal locks first, and tells of a key within half of it."""
WHILE_LOCKED = frozenset({AgentSessions.lock, AgentSessions.unlock, AgentSessions.sign_out})
RESULTS = tuple(call.types["return"] for call in ALLOWED)
READERS = ("files", "guide")
OPENERS = (VoterFiles.open, VoterFiles.open_case)
MOST = 20_000
"""Pairs of an agent and a file that are remembered; beyond it a file that is read on is written once more."""


@dataclass(slots=True)
class VoterFileReadAudit:
    """Files that agents have opened, so that one which a client reads without opening it leaves a line in the journal too."""

    _opened: set[tuple[str, object]] = field(default_factory=set)
    """Pairs of an agent and a voter's id or a case number."""

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


@dataclass(frozen=True)
class DaemonRequestHandler:
    """Handles the requests of terminals of the same `version` with the use cases of one election."""

    access: TerminalServices
    version: str
    issued: SessionsAndCallersByToken = field(default_factory=SessionsAndCallersByToken)
    opened: VoterFileReadAudit = field(default_factory=VoterFileReadAudit)

    def with_reloaded_settings(self, access: TerminalServices) -> "DaemonRequestHandler":
        """Return the handler of the same sessions and callers by other settings and keys."""
        access.desk.authorisation.keep_callers_verified_before_reload(self.access.desk.authorisation)
        return DaemonRequestHandler(access, self.version, self.issued)

    @cached_property
    def codec(self) -> ValueCodec:
        """Encodes what the use cases return."""
        return ValueCodec(RESULTS, self.access.desk.steps.flows)

    def answer(self, request: bytes, account: int) -> bytes:
        """Return the answer to a request of that account of the machine. Never raises."""
        try:
            call, arguments = self._read(request)
        except Refusal as refusal:
            log.warning("desk-request-refused", account=account, reason=refusal.id)
            return self.refusal_answer(refusal)
        try:
            encoded = msgspec.msgpack.encode(self._call(call, arguments, account))
        except Exception:
            log.exception("desk-call-failed", call=call.name, account=account)
            return self.refusal_answer(errors.DeskServiceFailed())
        if len(encoded) > MOST_ANSWER:
            log.error("desk-answer-too-long", call=call.name, bytes=len(encoded))
            return self.refusal_answer(errors.DeskAnswerTooLong())
        return encoded

    def refusal_answer(self, refusal: Refusal) -> bytes:
        """Return the answer that says that refusal."""
        return msgspec.msgpack.encode(answer_for_error(refusal, self.codec))

    def _read(self, request: bytes) -> tuple[AllowedRemoteCall, dict[str, Any]]:
        """Return the call that a request names, and its arguments. Raises MalformedDeskRequest, DeskVersionDiffers."""
        try:
            read = msgspec.msgpack.decode(request, type=RemoteCallRequest)
            if read.version != self.version:
                raise errors.DeskVersionDiffers
            call = CALLS[read.call]
            arguments = msgspec.msgpack.decode(read.arguments, type=call.arguments)
        except (msgspec.MsgspecError, KeyError, RecursionError, ValueError):  # ValueError: a text that is no UTF-8
            raise errors.MalformedDeskRequest from None
        if not is_acceptable_argument(arguments):
            raise errors.MalformedDeskRequest
        return call, msgspec.structs.asdict(arguments)

    def _require_unlocked(self, call: AllowedRemoteCall, session: str) -> None:
        """Raise SessionLocked for a session that was locked, or left alone for longer than its terminal needs to lock it."""
        idle = self.access.policy.desk_idle_minutes * SECONDS_OF_MINUTE + LOCK_GRACE_SECONDS
        if call.method not in WHILE_LOCKED and self.issued.is_locked(session, idle):
            raise errors.SessionLocked

    def _note_activity(self, call: AllowedRemoteCall, session: str) -> None:
        if call.method is AgentSessions.lock:
            self.issued.lock(session)
        elif call.is_act or call.method is AgentSessions.record_agent_presence:
            self.issued.note_activity(session, unlocks=call.method is AgentSessions.unlock)

    def _call(self, call: AllowedRemoteCall, arguments: dict[str, Any], account: int) -> Answer:
        tokens = dict[int, str]()
        part = ElectionFactsReader(self.access) if call.part == TERMINAL else getattr(self.access.desk, call.part)
        try:
            for name, value in arguments.items():
                kind = unforgeable_value_type(call.types[name])
                if kind is not None and value is not None:
                    arguments[name] = found = self.issued.find(value, kind, account)
                    tokens[id(found)] = value
            session = tokens.get(id(arguments.get("session")), "")
            self._require_unlocked(call, session)
            returned = call.method(part, **arguments)
            self._note_activity(call, session)
            if call.method is CallEndUseCases.end:
                self.issued.end_callers(arguments["session"].agent)
            self.opened.note(call, arguments, self.access.desk.authorisation)
        except Exception as error:
            answer = answer_for_error(error, self.codec)
            if answer is None:
                raise
            return answer
        finally:
            if call.method is AgentSessions.sign_out:
                for token in tokens.values():
                    self.issued.end(token)
        if isinstance(returned, UnforgeableValue):
            returned = returned.with_token(tokens.get(id(returned)) or self.issued.keep(returned, account))
        return RemoteCallResult(self.codec.encode(returned))
