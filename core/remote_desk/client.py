"""Calls the helpdesk's use cases from a terminal, over the daemon's socket."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from inspect import signature
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from msgspec import MsgspecError, Raw

from core.desk.authorisation import HeldByDaemon
from core.desk.election_facts import ElectionFactsReader
from core.desk.error_lookup import ErrorMessageLookup
from core.desk.steps import StepCodeLookup
from core.flows.flow_plugin import FlowPlugin
from core.flows.registry import FLOWS, define_flows
from core.forms import errors
from core.ports import Clock, CommitOutcomeUnknown, StoreUnavailable
from core.remote_desk.messages import (
    ENCODER,
    MOST_ANSWER,
    MOST_REQUEST,
    Call,
    Failure,
    LineTooLong,
    Returned,
    error_of,
    read_line,
    send_line,
)
from core.remote_desk.sockets import connect
from core.remote_desk.use_cases import BY_NAME, RemoteUseCase

P = ParamSpec("P")
R = TypeVar("R")
CONNECT_SECONDS, SEND_SECONDS, REASON_SECONDS = 5.0, 5.0, 0.1
ANSWER_SECONDS = 70.0
"""Longest wait for the daemon's answer, in seconds."""
NO_ANSWER = "the desk's daemon does not answer"


class DaemonClock:
    """A clock that shows the daemon's time."""

    def __init__(self, daemon_time: datetime) -> None:
        self._daemon_time, self._read_at = daemon_time, time.monotonic()

    def now(self) -> datetime:
        return self._daemon_time + timedelta(seconds=time.monotonic() - self._read_at)


class RemoteDesk:
    def __init__(self, path: Path, version: str, flow_plugin_types: Sequence[type[FlowPlugin]] = FLOWS) -> None:
        """Read the election's settings from the daemon. Raises StoreUnavailable, Refusal."""
        self.path, self.version = path, version
        facts = self.call(ElectionFactsReader.read)
        self.clock: Clock = DaemonClock(facts.now)
        self.policy, self.calendar, self.election = facts.policy, facts.calendar, facts.election
        flows, known = define_flows(facts.policy, flow_plugin_types), facts.election.facts
        self.steps, self.messages = StepCodeLookup(flows, known), ErrorMessageLookup(flows, known)

    def call(self, use_case: Callable[Concatenate[Any, P], R], *given: P.args, **named: P.kwargs) -> R:
        """Call a use case.

        Raises the errors of the use case, DeskRequestTooLong, StoreUnavailable, CommitOutcomeUnknown.
        """
        remote = BY_NAME[use_case.__qualname__]
        arguments = signature(use_case).bind(None, *given, **named).arguments
        sent = {
            name: value.token if isinstance(value, HeldByDaemon) else value
            for name, value in arguments.items()
            if name != "self"
        }
        request = ENCODER.encode(Call(self.version, use_case.__qualname__, Raw(ENCODER.encode(sent))))
        if len(request) > MOST_REQUEST:
            raise errors.DeskRequestTooLong
        answer = _ask(self.path, request, remote)
        if isinstance(answer, Returned):
            return answer.value  # type: ignore[no-any-return]  # decoded as the use case's return type
        raise error_of(answer)


def _ask(path: Path, request: bytes, remote: RemoteUseCase) -> Returned[Any] | Failure:
    lost = CommitOutcomeUnknown(NO_ANSWER) if remote.is_act else StoreUnavailable(NO_ANSWER)
    wait = ANSWER_SECONDS
    try:
        stream = connect(path, CONNECT_SECONDS)
    except OSError as error:
        raise StoreUnavailable(NO_ANSWER) from error
    with stream:
        try:
            send_line(stream, request, seconds=SEND_SECONDS)
        except OSError:
            # The daemon ignores an incomplete call. It may have sent the reason why it closed the connection.
            lost, wait = StoreUnavailable(NO_ANSWER), REASON_SECONDS
        try:
            return remote.answer.decode(read_line(stream, most=MOST_ANSWER, seconds=wait))
        except (OSError, LineTooLong, MsgspecError):
            raise lost from None
