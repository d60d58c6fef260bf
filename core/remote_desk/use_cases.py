"""Use cases that terminals can call. Add new ones to `READS` or `ACTS`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from inspect import signature
from types import NoneType
from typing import Any, get_args, get_type_hints

from msgspec import Struct, defstruct, json

from core.desk.approvals import Approvals
from core.desk.authorisation import HeldByDaemon
from core.desk.call_backs import CallBacks
from core.desk.call_ends import CallEnds
from core.desk.election_facts import ElectionFactsReader
from core.desk.files import VoterFiles
from core.desk.freezing import AccountFreezing
from core.desk.guide import CallGuide
from core.desk.hand_overs import HandOvers
from core.desk.home import HomeOverviewReader
from core.desk.incidents import IncidentBoard
from core.desk.journal import JournalBrowser
from core.desk.mails import RecoveryMailRequests
from core.desk.overview import DeskOverviewReader
from core.desk.search import FindAnythingSearch
from core.desk.sessions import AgentSessions
from core.desk.sheets import EscalationSheets
from core.desk.verification import CallerVerification
from core.desk.voter_search import VoterSearch
from core.desk.written_answers import WrittenAnswers
from core.remote_desk.messages import Failure, Returned, decode_zone

ACCOUNT = "account"
"""Parameter name for the user id of the calling process."""


@dataclass(frozen=True)
class RemoteUseCase:
    method: Callable[..., Any]
    is_act: bool

    @cached_property
    def held_arguments(self) -> Mapping[str, type[HeldByDaemon]]:
        """Arguments that stay in the daemon. Terminals send tokens instead."""
        found = ((name, _held_type(hint)) for name, hint in self._hints.items() if name != "return")
        return {name: kind for name, kind in found if kind is not None}

    @cached_property
    def arguments(self) -> type[Struct]:
        fields = [
            (name, self._sent_type(name), *(() if argument.default is argument.empty else (argument.default,)))
            for name, argument in signature(self.method).parameters.items()
            if name not in {"self", ACCOUNT}
        ]
        return defstruct("Arguments", fields, kw_only=True, forbid_unknown_fields=True)

    @cached_property
    def takes_account(self) -> bool:
        return ACCOUNT in self._hints

    @cached_property
    def answer(self) -> json.Decoder[Returned[Any] | Failure]:
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
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, HeldByDaemon)), None)


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
    Approvals.follow,
    Approvals.action_to_approve,
    CallEnds.outcome_choices,
    CallBacks.promisable_times,
    WrittenAnswers.offered,
    HandOvers.colleagues,
    IncidentBoard.view,
    IncidentBoard.academies,
    DeskOverviewReader.view,
    JournalBrowser.view,
    JournalBrowser.choices,
)
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
    Approvals.request,
    Approvals.withdraw,
    Approvals.approve,
    Approvals.decline,
    CallEnds.end,
    CallEnds.correct,
    CallBacks.take,
    CallBacks.give_back,
    CallBacks.close_unanswered,
    WrittenAnswers.send,
    HandOvers.take,
    IncidentBoard.announce,
    IncidentBoard.end,
    EscalationSheets.make,
)
"""Use cases that change data. A terminal never repeats such a call automatically."""
BY_NAME: Mapping[str, RemoteUseCase] = {
    method.__qualname__: RemoteUseCase(method, is_act=method in ACTS) for method in (*READS, *ACTS)
}
