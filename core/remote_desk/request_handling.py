"""Answers a request: reads it, calls the one use case that it names, and sends what that returned or refused."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import msgspec
import structlog

from core.desk.agent_sessions import AgentSessions
from core.desk.call_end_records import CallEndUseCases
from core.desk.sessions_callers_and_approvals import UnforgeableValue
from core.desk.terminal_services import TerminalServices
from core.forms import errors
from core.forms.errors import Refusal
from core.remote_desk.allowed_remote_calls import ALLOWED, CALLS, TERMINAL, AllowedRemoteCall, RemoteCallKind
from core.remote_desk.facts_before_sign_in import ElectionFactsReader
from core.remote_desk.serialisable_types import is_within_bounds, type_behind_token
from core.remote_desk.sessions_and_callers_by_token import SessionsAndCallersByToken
from core.remote_desk.socket_messages import MOST_ANSWER, Answer, RemoteCallRequest, RemoteCallResult, answer_for_error
from core.remote_desk.value_codec import ValueCodec
from core.remote_desk.voter_file_read_audit import VoterFileReadAudit

log = structlog.get_logger()
SECONDS_OF_MINUTE = 60
LOCK_GRACE_SECONDS = 60.0
"""A terminal locks first, and tells of a key within half of it."""
WHILE_LOCKED = frozenset({AgentSessions.lock, AgentSessions.unlock, AgentSessions.sign_out})
RESULTS = tuple(call.types["return"] for call in ALLOWED)


@dataclass(frozen=True)
class DaemonRequestHandler:
    """Handles the requests of terminals of the same `version` with the use cases of one election."""

    access: TerminalServices
    version: str
    issued: SessionsAndCallersByToken = field(default_factory=SessionsAndCallersByToken)
    opened: VoterFileReadAudit = field(default_factory=VoterFileReadAudit)

    def with_settings_of(self, access: TerminalServices) -> "DaemonRequestHandler":
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
        if not is_within_bounds(arguments):
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
        elif call.kind is RemoteCallKind.ACT or call.method is AgentSessions.record_agent_presence:
            self.issued.note_activity(session, unlocks=call.method is AgentSessions.unlock)

    def _call(self, call: AllowedRemoteCall, arguments: dict[str, Any], account: int) -> Answer:
        tokens = dict[int, str]()
        part = ElectionFactsReader(self.access) if call.part == TERMINAL else getattr(self.access.desk, call.part)
        try:
            for name, value in arguments.items():
                kind = type_behind_token(call.types[name])
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
            if call.ends_session:
                for token in tokens.values():
                    self.issued.end(token)

        def issue(value: UnforgeableValue) -> str:
            return tokens.get(id(value)) or self.issued.keep(value, account)

        return RemoteCallResult(self.codec.encode(returned, issue))
