import logging
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from msgspec import MsgspecError, json, structs, to_builtins

from core.desk.authorisation import AgentSession, HeldByDaemon
from core.desk.call_ends import CallEnds
from core.desk.desk import Desk
from core.desk.files import VoterFiles
from core.desk.guide import CallGuide
from core.desk.sessions import AgentSessions
from core.forms import errors
from core.forms.errors import Refusal
from core.ports import EventType
from core.remote_desk.messages import ENCODER, MOST_ANSWER, Call, Returned, failure_of
from core.remote_desk.tokens import HeldValues
from core.remote_desk.use_cases import ACCOUNT, BY_NAME, RemoteUseCase

log = logging.getLogger("retrouve")
SECONDS_OF_MINUTE = 60
LOCK_GRACE_SECONDS = 60.0
"""The daemon locks idle sessions this many seconds later than the terminal does."""
WHILE_LOCKED = frozenset({AgentSessions.lock, AgentSessions.unlock, AgentSessions.sign_out})
FILE_OPENERS = (VoterFiles.open, VoterFiles.open_case)
FILE_READERS = (VoterFiles.read, VoterFiles.read_case, VoterFiles.timeline, VoterFiles.case_timeline, CallGuide.view)
MOST_OPENED = 20_000
LONGEST_TEXT, MOST_ITEMS, GREATEST = 4096, 1000, 2**63 - 1


def is_storable(value: object) -> bool:
    """Return whether the database can store this value."""
    match value:
        case str():
            return len(value) <= LONGEST_TEXT
        case int():
            return -GREATEST <= value <= GREATEST
        case datetime():
            return value.tzinfo is not None
        case list() | tuple():
            return len(value) <= MOST_ITEMS and all(map(is_storable, value))
        case dict():
            return all(map(is_storable, value.values()))
        case _:
            return True


@dataclass(frozen=True)
class CallHandler:
    """Answers calls from terminals. The terminal's version must equal `version`."""

    desk: Desk
    version: str
    held: HeldValues = field(default_factory=HeldValues)
    opened: set[tuple[str, object]] = field(default_factory=set)

    def with_reloaded_settings(self, desk: Desk) -> "CallHandler":
        """Return a handler that has new settings but keeps all sessions."""
        desk.authorisation.keep_callers_verified_before_reload(self.desk.authorisation)
        return CallHandler(desk, self.version, self.held, self.opened)

    def answer(self, request: bytes, account: int) -> bytes:
        """Return the encoded result or failure of a call. `account` is a user id."""
        name = ""
        try:
            use_case, arguments = self._read(request)
            name = use_case.method.__qualname__
            encoded = ENCODER.encode(Returned(self._call(use_case, arguments, account)))
        except Exception as error:
            failure = failure_of(error)
            if isinstance(error, errors.MalformedDeskRequest | errors.DeskVersionDiffers):
                log.warning("desk-request-refused", extra={"account": account, "reason": error.id})
            elif failure is None:
                log.exception("desk-call-failed", extra={"call": name, "account": account})
                failure = failure_of(errors.DeskServiceFailed())
            return ENCODER.encode(failure)
        if len(encoded) > MOST_ANSWER:
            log.error("desk-answer-too-long", extra={"call": name, "bytes": len(encoded)})
            return refusal_answer(errors.DeskAnswerTooLong())
        return encoded

    def _read(self, request: bytes) -> tuple[RemoteUseCase, dict[str, Any]]:
        try:
            call = json.decode(request, type=Call)
            if call.version != self.version:
                raise errors.DeskVersionDiffers
            use_case = BY_NAME[call.use_case]
            arguments = json.decode(call.arguments, type=use_case.arguments)
        except (MsgspecError, KeyError, RecursionError, ValueError):  # ValueError: not UTF-8
            raise errors.MalformedDeskRequest from None
        if not is_storable(to_builtins(arguments, builtin_types=(date, datetime))):
            raise errors.MalformedDeskRequest
        return use_case, structs.asdict(arguments)

    def _call(self, use_case: RemoteUseCase, arguments: dict[str, Any], account: int) -> object:
        method = use_case.method
        for name, kind in use_case.held_arguments.items():
            if arguments[name] is not None:
                arguments[name] = self.held.find(arguments[name], kind, account)
        session = arguments.get("session")
        if isinstance(session, AgentSession):
            idle = self.desk.policy.desk_idle_minutes * SECONDS_OF_MINUTE + LOCK_GRACE_SECONDS
            if method not in WHILE_LOCKED and self.held.is_locked(session.token, idle):
                raise errors.SessionLocked
            if method is AgentSessions.sign_out:
                self.held.end(session.token)
        if use_case.takes_account:
            arguments[ACCOUNT] = account
        returned = self.desk.call(method, **arguments)
        if isinstance(session, AgentSession):
            self._note_done(use_case, session, arguments)
        if isinstance(returned, HeldByDaemon):
            self.held.keep(returned, account)
        return returned

    def _note_done(self, use_case: RemoteUseCase, session: AgentSession, arguments: dict[str, Any]) -> None:
        method = use_case.method
        if method is AgentSessions.lock:
            self.held.lock(session.token)
        elif use_case.is_act or method is AgentSessions.record_agent_presence:
            self.held.note_activity(session.token, unlocks=method is AgentSessions.unlock)
        if method is CallEnds.end:
            self.held.end_callers(session.agent)
        if method in FILE_OPENERS or method in FILE_READERS:
            self._note_file(
                session, voter=arguments.get("voter"), case=arguments.get("number"), opens=method in FILE_OPENERS
            )

    def _note_file(self, session: AgentSession, *, voter: int | None, case: str | None, opens: bool) -> None:
        pair = (session.name, case if voter is None else voter)
        if not opens and pair not in self.opened:
            self.desk.authorisation.record_agent_event(session, EventType.FILE_OPENED, voter=voter, case=case)
        elif voter is not None:
            self.desk.authorisation.note_people_seen(session, frozenset({voter}))
        if len(self.opened) >= MOST_OPENED:
            self.opened.clear()
        self.opened.add(pair)


def refusal_answer(refusal: Refusal) -> bytes:
    return ENCODER.encode(failure_of(refusal))
