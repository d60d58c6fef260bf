"""The use cases that a terminal may call. Both ends of the socket use this list.

To add a use case, add its method to `READS` or `ACTS`. A test fails for a public method of the desk that is in no list, and for one
whose arguments or result cannot be sent.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from inspect import signature
from types import NoneType
from typing import Any, get_args, get_type_hints

from msgspec import Struct, defstruct, json

from core.desk.account_freezing import AccountFreezing
from core.desk.agent_sessions import AgentSessions
from core.desk.call_backs import CallBackUseCases
from core.desk.call_end_records import CallEndUseCases
from core.desk.call_guide import CallGuide
from core.desk.caller_verification import CallerVerification
from core.desk.desk_overview import DeskOverviewReader
from core.desk.election_facts import ElectionFactsReader
from core.desk.escalation_sheets import EscalationSheets
from core.desk.find_anything_search import FindAnythingSearch
from core.desk.hand_overs import HandOverUseCases
from core.desk.home_overview import HomeOverviewReader
from core.desk.incident_board import IncidentBoard
from core.desk.journal_browser import JournalBrowser
from core.desk.recovery_mail_requests import RecoveryMailRequests
from core.desk.send_written_answer import WrittenAnswerUseCases
from core.desk.sessions_callers_and_approvals import HeldByDaemon
from core.desk.supervisor_approvals import ApprovalRequestUseCases
from core.desk.voter_files import VoterFiles
from core.desk.voter_search import VoterSearch
from core.remote_desk.messages import Failure, Returned, decode_zone


@dataclass(frozen=True)
class RemoteUseCase:
    """A use case that a terminal may call, and the types of its arguments and of its answer."""

    method: Callable[..., Any]
    is_act: bool
    """True if it changes something: a terminal whose answer was lost does not know whether it was done."""

    @cached_property
    def held_arguments(self) -> Mapping[str, type[HeldByDaemon]]:
        """The arguments that the daemon holds, so that a terminal sends their tokens."""
        found = ((name, _held_type(hint)) for name, hint in self._hints.items() if name != "return")
        return {name: kind for name, kind in found if kind is not None}

    @cached_property
    def arguments(self) -> type[Struct]:
        """The arguments of a call. What does not fit this type is refused before anything is called."""
        fields = [
            (name, self._sent_type(name), *(() if each.default is each.empty else (each.default,)))
            for name, each in signature(self.method).parameters.items()
            if name != "self"
        ]
        return defstruct("Arguments", fields, kw_only=True, forbid_unknown_fields=True)

    @cached_property
    def answer(self) -> json.Decoder[Returned[Any] | Failure]:
        """Decodes the answer to a call."""
        result = self._hints["return"]
        return json.Decoder(Returned[result] | Failure, dec_hook=decode_zone)  # type: ignore[valid-type]

    @cached_property
    def _hints(self) -> Mapping[str, Any]:
        return get_type_hints(self.method)

    def _sent_type(self, name: str) -> object:
        if name not in self.held_arguments:
            return self._hints[name]
        return str | None if NoneType in get_args(self._hints[name]) else str


def _held_type(hint: object) -> type[HeldByDaemon] | None:
    kinds = get_args(hint) or (hint,)
    return next((each for each in kinds if isinstance(each, type) and issubclass(each, HeldByDaemon)), None)


READS: tuple[Callable[..., Any], ...] = (
    ElectionFactsReader.read,
    ElectionFactsReader.is_database_readable,
    AgentSessions.record_agent_presence,
    VoterSearch.find,
    FindAnythingSearch.find,
    HomeOverviewReader.overview,
    VoterFiles.read,
    VoterFiles.read_case,
    VoterFiles.timeline,
    VoterFiles.case_timeline,
    CallGuide.view,
    CallerVerification.resume,
    AccountFreezing.freeze_and_unfreeze_actions,
    ApprovalRequestUseCases.follow,
    ApprovalRequestUseCases.action_to_approve,
    CallEndUseCases.evident_outcome,
    CallBackUseCases.promisable_times,
    WrittenAnswerUseCases.offered,
    HandOverUseCases.colleagues,
    IncidentBoard.view,
    IncidentBoard.academies,
    DeskOverviewReader.view,
    JournalBrowser.view,
    JournalBrowser.choices,
)
"""Use cases that change nothing."""
ACTS: tuple[Callable[..., Any], ...] = (
    AgentSessions.sign_in,
    AgentSessions.choose_password,
    AgentSessions.lock,
    AgentSessions.unlock,
    AgentSessions.sign_out,
    AgentSessions.approval_of_supervisor,
    VoterFiles.open,
    VoterFiles.open_case,
    CallerVerification.verify,
    RecoveryMailRequests.request_mail,
    RecoveryMailRequests.send_again,
    AccountFreezing.freeze,
    AccountFreezing.unfreeze,
    AccountFreezing.unfreeze_with_requested_approval,
    ApprovalRequestUseCases.request,
    ApprovalRequestUseCases.withdraw,
    ApprovalRequestUseCases.approve,
    ApprovalRequestUseCases.decline,
    CallEndUseCases.end,
    CallEndUseCases.correct,
    CallBackUseCases.take,
    CallBackUseCases.give_back,
    WrittenAnswerUseCases.send,
    HandOverUseCases.take,
    IncidentBoard.announce,
    IncidentBoard.end,
    EscalationSheets.make,
)
"""Use cases that change something. A terminal never repeats one by itself."""
BY_NAME: Mapping[str, RemoteUseCase] = {
    method.__qualname__: RemoteUseCase(method, is_act=method in ACTS) for method in (*READS, *ACTS)
}
"""The use cases by the name that a call gives."""
