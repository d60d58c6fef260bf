"""The desk as a terminal has it: the same use cases under the same names, done by the daemon."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from core.desk.desk import Desk
from core.desk.error_message_lookup import ErrorMessageLookup
from core.desk.sessions_callers_and_approvals import UnforgeableValue
from core.desk.step_view import StepCodeLookup
from core.flows.flow_plugin import FlowPlugin
from core.flows.registry import FLOWS, define_flows
from core.forms import errors
from core.forms.flow_model import Flow
from core.policy.election_calendar import Calendar
from core.policy.election_contact import ElectionContact
from core.policy.policy import Policy
from core.remote_desk.allowed_remote_calls import ALLOWED, CALLS, TERMINAL, AllowedRemoteCall, ElectionFacts
from core.remote_desk.daemon_client import DaemonClient
from core.remote_desk.request_handling import RESULTS
from core.remote_desk.socket_messages import RemoteCallResult, error_from_answer
from core.remote_desk.value_codec import ValueCodec

PARTS = frozenset(call.part for call in ALLOWED) - {TERMINAL}


@dataclass(frozen=True)
class RemoteCallInvoker:
    """Makes the allowed calls, and returns or raises what the use case did."""

    client: DaemonClient
    codec: ValueCodec

    def invoke(self, call: AllowedRemoteCall, *given: object, **named: object) -> object:
        """Call a use case, with the arguments of its method."""
        bound = call.signature.bind(None, *given, **named).arguments
        arguments = {
            name: each.token if isinstance(each, UnforgeableValue) else each
            for name, each in bound.items()
            if name != "self"
        }
        answer = self.client.ask(call, arguments)
        if isinstance(answer, RemoteCallResult):
            return self.codec.decode(answer.value)
        raise error_from_answer(answer, self.codec)


@dataclass(frozen=True)
class RemoteDeskPart:
    """A part of the desk, whose allowed methods are the daemon's."""

    part: str
    calls: RemoteCallInvoker

    def __getattr__(self, name: str) -> Callable[..., object]:
        try:
            return partial(self.calls.invoke, CALLS[f"{self.part}.{name}"])
        except KeyError:
            raise AttributeError(name) from None


class RemoteDesk(Desk):
    """The use cases of the daemon, behind the names and types of `Desk`."""

    def __init__(self, calls: RemoteCallInvoker, facts: ElectionFacts, flows: tuple[Flow, ...]) -> None:
        for part in PARTS:
            vars(self)[part] = RemoteDeskPart(part, calls)
        self.steps = StepCodeLookup(flows, facts.election.facts)
        self.messages = ErrorMessageLookup(flows, facts.election.facts)


class DaemonClock:
    """The daemon's clock, carried on by this machine's monotonic clock."""

    def __init__(self, told: datetime) -> None:
        self._told, self._at = told, time.monotonic()

    def now(self) -> datetime:
        """Return the present moment, aware and in UTC."""
        return self._told + timedelta(seconds=time.monotonic() - self._at)


@dataclass(frozen=True)
class RemoteTerminalServices:
    """An election as a terminal has it. It needs neither key nor database nor settings."""

    desk: Desk
    clock: DaemonClock
    policy: Policy
    calendar: Calendar
    election: ElectionContact
    calls: RemoteCallInvoker

    def is_database_readable(self) -> bool:
        """Tell whether the daemon answers, and its database. Raises nothing."""
        try:
            return bool(self.calls.invoke(CALLS[f"{TERMINAL}.is_database_readable"]))
        except errors.DeskVersionDiffers:
            return True  # it answers, and tells each call that this terminal must be opened again
        except Exception:  # noqa: BLE001  # lost, or refused: asked again in a second
            return False

    def close(self) -> None:
        """Close the connections."""
        self.calls.client.close()


def connect_to_daemon(
    socket: Path, version: str, flow_plugin_types: Sequence[type[FlowPlugin]] = FLOWS
) -> RemoteTerminalServices:
    """Return the election of the daemon at that socket. Raises StoreUnavailable, Refusal."""
    client = DaemonClient(socket, version)
    facts = RemoteCallInvoker(client, ValueCodec(RESULTS, ())).invoke(CALLS[f"{TERMINAL}.read"])
    assert isinstance(facts, ElectionFacts)  # noqa: S101  # its codec knows the classes
    flows = define_flows(facts.policy, flow_plugin_types)
    calls = RemoteCallInvoker(client, ValueCodec(RESULTS, flows))
    return RemoteTerminalServices(
        desk=RemoteDesk(calls, facts, flows),
        clock=DaemonClock(facts.now),
        policy=facts.policy,
        calendar=facts.calendar,
        election=facts.election,
        calls=calls,
    )
