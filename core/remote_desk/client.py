"""The terminal's end of the socket."""

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
"""Longer than the daemon waits for the database (`core.adapters.sql.outages`)."""
GONE = "the desk's daemon does not answer"


class DaemonClock:
    """The daemon's clock, advanced by this machine's monotonic clock."""

    def __init__(self, told: datetime) -> None:
        self._told, self._at = told, time.monotonic()

    def now(self) -> datetime:
        return self._told + timedelta(seconds=time.monotonic() - self._at)


class RemoteDesk:
    """Calls the use cases of the daemon at `path`, from a terminal of this `version`."""

    def __init__(self, path: Path, version: str, flow_plugin_types: Sequence[type[FlowPlugin]] = FLOWS) -> None:
        """Read the facts of the election. Raises StoreUnavailable, Refusal."""
        self.path, self.version = path, version
        facts = self.call(ElectionFactsReader.read)
        self.clock: Clock = DaemonClock(facts.now)
        self.policy, self.calendar, self.election = facts.policy, facts.calendar, facts.election
        flows, known = define_flows(facts.policy, flow_plugin_types), facts.election.facts
        self.steps, self.messages = StepCodeLookup(flows, known), ErrorMessageLookup(flows, known)

    def call(self, use_case: Callable[Concatenate[Any, P], R], *given: P.args, **named: P.kwargs) -> R:
        """Call a use case.

        Raises DeskRequestTooLong, StoreUnavailable, CommitOutcomeUnknown and the use case's errors.
        """
        remote = BY_NAME[use_case.__qualname__]
        arguments = signature(use_case).bind(None, *given, **named).arguments
        sent = {
            name: each.token if isinstance(each, HeldByDaemon) else each
            for name, each in arguments.items()
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
    """Send a call. It is never sent twice, because an act whose answer is lost may have been done."""
    lost = CommitOutcomeUnknown(GONE) if remote.is_act else StoreUnavailable(GONE)
    wait = ANSWER_SECONDS
    try:
        stream = connect(path, CONNECT_SECONDS)
    except OSError as failed:
        raise StoreUnavailable(GONE) from failed
    with stream:
        try:
            send_line(stream, request, seconds=SEND_SECONDS)
        except (
            OSError
        ):  # the daemon ignores an incomplete line, and may have sent the reason why it closed the connection
            lost, wait = StoreUnavailable(GONE), REASON_SECONDS
        try:
            return remote.answer.decode(read_line(stream, most=MOST_ANSWER, seconds=wait))
        except (OSError, LineTooLong, MsgspecError):
            raise lost from None
