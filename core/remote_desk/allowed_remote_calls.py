"""The calls that a terminal may make: the one list, from which both ends of the socket are derived.

To add a use case, add its method to `ALLOWED`. A test fails for a public method of the desk that is in no list, and for one whose
arguments or result cannot cross the socket.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from inspect import Signature, signature
from typing import get_type_hints

import msgspec

from core.desk.account_freezing import AccountFreezing
from core.desk.agent_accounts import AgentAccounts
from core.desk.agent_sessions import AgentSessions
from core.desk.call_backs import CallBackUseCases
from core.desk.call_end_records import CallEndUseCases
from core.desk.call_guide import CallGuide
from core.desk.caller_verification import CallerVerification
from core.desk.desk import TerminalServices
from core.desk.desk_overview import DeskOverviewReader
from core.desk.error_message_lookup import ErrorMessageLookup
from core.desk.escalation_sheets import EscalationSheets
from core.desk.find_anything_search import FindAnythingSearch
from core.desk.hand_overs import HandOverUseCases
from core.desk.home_overview import HomeOverviewReader
from core.desk.incident_board import IncidentBoard
from core.desk.journal_browser import JournalBrowser
from core.desk.recovery_mail_requests import RecoveryMailRequests
from core.desk.send_written_answer import WrittenAnswerUseCases
from core.desk.step_view import StepCodeLookup
from core.desk.supervisor_approvals import ApprovalRequestUseCases
from core.desk.voter_files import VoterFiles
from core.desk.voter_search import VoterSearch
from core.policy.election_calendar import Calendar
from core.policy.election_contact import ElectionContact
from core.policy.policy import Policy
from core.remote_desk.value_codec import argument_type


@dataclass(frozen=True, slots=True, kw_only=True)
class ElectionFacts:
    """Facts that a terminal gets before anybody signs in: nothing that the site does not show to everybody."""

    policy: Policy
    calendar: Calendar
    election: ElectionContact
    now: datetime


@dataclass(frozen=True, slots=True)
class ElectionFactsReader:
    """Reads the facts of the election."""

    access: TerminalServices

    def read(self) -> ElectionFacts:
        """Return the facts as they are now."""
        access = self.access
        return ElectionFacts(
            policy=access.policy, calendar=access.calendar, election=access.election, now=access.clock.now()
        )

    def is_database_readable(self) -> bool:
        """Tell whether the database can be read."""
        return self.access.is_database_readable()


@dataclass(frozen=True)
class AllowedRemoteCall:
    """A method of a part of the desk. `part` is the name of that part in `Desk`."""

    part: str
    method: Callable[..., object]
    is_act: bool
    """True if it changes something, so that a terminal never repeats it; a read is asked once more after a lost connection."""

    @property
    def name(self) -> str:
        """The name of the call in a request."""
        return f"{self.part}.{self.method.__name__}"

    @cached_property
    def signature(self) -> Signature:
        """The signature of the method."""
        return signature(self.method)

    @cached_property
    def types(self) -> Mapping[str, object]:
        """The types of the arguments by name, and of the result by "return"."""
        return get_type_hints(self.method)

    @cached_property
    def arguments(self) -> type[msgspec.Struct]:
        """The type of its arguments in a request: what does not fit it is refused before anything is called."""
        fields = [
            (name, argument_type(self.types[name]), *(() if each.default is each.empty else (each.default,)))
            for name, each in self.signature.parameters.items()
            if name != "self"
        ]
        return msgspec.defstruct("Arguments", fields, kw_only=True, forbid_unknown_fields=True)


def _reads(part: str, *methods: Callable[..., object]) -> tuple[AllowedRemoteCall, ...]:
    return tuple(AllowedRemoteCall(part, method, is_act=False) for method in methods)


def _acts(part: str, *methods: Callable[..., object]) -> tuple[AllowedRemoteCall, ...]:
    return tuple(AllowedRemoteCall(part, method, is_act=True) for method in methods)


TERMINAL = "terminal"
"""The part that is not of the desk: what a terminal asks before anybody signs in."""
ALLOWED: tuple[AllowedRemoteCall, ...] = (
    *_reads(TERMINAL, ElectionFactsReader.read, ElectionFactsReader.is_database_readable),
    *_acts(
        "sessions",
        AgentSessions.sign_in,
        AgentSessions.choose_password,
        AgentSessions.lock,
        AgentSessions.unlock,
        AgentSessions.sign_out,
        AgentSessions.approval_of_supervisor,
    ),
    *_reads("sessions", AgentSessions.record_agent_presence),
    *_reads("search", VoterSearch.find),
    *_reads("quick_search", FindAnythingSearch.find),
    *_reads("home", HomeOverviewReader.overview),
    *_acts("files", VoterFiles.open, VoterFiles.open_case),
    *_reads("files", VoterFiles.read, VoterFiles.read_case, VoterFiles.timeline, VoterFiles.case_timeline),
    *_reads("guide", CallGuide.view),
    *_acts("verification", CallerVerification.verify),
    *_reads("verification", CallerVerification.resume),
    *_acts("mail", RecoveryMailRequests.request_mail, RecoveryMailRequests.send_again),
    *_acts(
        "freezing", AccountFreezing.freeze, AccountFreezing.unfreeze, AccountFreezing.unfreeze_with_requested_approval
    ),
    *_reads("freezing", AccountFreezing.freeze_and_unfreeze_actions),
    *_reads("signatures", ApprovalRequestUseCases.follow, ApprovalRequestUseCases.action_to_approve),
    *_acts(
        "signatures",
        ApprovalRequestUseCases.request,
        ApprovalRequestUseCases.withdraw,
        ApprovalRequestUseCases.approve,
        ApprovalRequestUseCases.decline,
    ),
    *_reads("calls", CallEndUseCases.evident_outcome),
    *_acts("calls", CallEndUseCases.end, CallEndUseCases.correct),
    *_reads("call_backs", CallBackUseCases.promisable_times),
    *_acts("call_backs", CallBackUseCases.take, CallBackUseCases.give_back),
    *_reads("written_answers", WrittenAnswerUseCases.offered),
    *_acts("written_answers", WrittenAnswerUseCases.send),
    *_reads("hand_overs", HandOverUseCases.colleagues),
    *_acts("hand_overs", HandOverUseCases.take),
    *_reads("incidents", IncidentBoard.view, IncidentBoard.academies),
    *_acts("incidents", IncidentBoard.announce, IncidentBoard.end),
    *_reads("overviews", DeskOverviewReader.view),
    *_reads("journal", JournalBrowser.view, JournalBrowser.choices),
    *_acts("case_sheets", EscalationSheets.make),
)
IN_THE_TERMINAL: tuple[object, ...] = (
    StepCodeLookup.find_step,
    StepCodeLookup.flow_of_step,
    ErrorMessageLookup.find_messages_and_problems,
)
"""Use cases that a terminal does by itself: they read the flows' definitions only."""
REFUSED: Mapping[object, str] = {
    AgentAccounts.list_all: "the operator's",
    AgentAccounts.add: "the operator's: it returns secrets",
    AgentAccounts.reset_credentials: "the operator's: it returns secrets",
    AgentAccounts.remove: "the operator's",
    AgentAccounts.reencrypt_totp_secrets: "the operator's",
    RecoveryMailRequests.offered_mail_actions: "the guide's: it takes rows of the store",
    AgentSessions.use_up_totp_code: "the approvals'",
    ApprovalRequestUseCases.actions_session_may_approve: "the home's: it takes its transaction",
    ApprovalRequestUseCases.use: "other acts': it takes their transaction",
    CallBackUseCases.add: "other acts': it takes their transaction",
    CallBackUseCases.finish: "other acts': it takes their transaction",
    CallBackUseCases.finish_all: "other acts': it takes their transaction",
    CallBackUseCases.find_call_back_taken_by_agent: "other acts': it takes their transaction",
    CallBackUseCases.call_back_lines: "the home's: it takes its transaction",
    HandOverUseCases.add: "other acts': it takes their transaction",
    HandOverUseCases.hand_over_lines: "the home's: it takes its transaction",
    IncidentBoard.read: "the home's: it takes its transaction",
    IncidentBoard.incidents_of_voter: "the guide's: it takes its transaction",
}
"""Public methods of the desk that no terminal may call, and why."""
CALLS: Mapping[str, AllowedRemoteCall] = {call.name: call for call in ALLOWED}
