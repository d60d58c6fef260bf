from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from core.desk.accounts import AgentAccounts
from core.desk.approvals import Approvals
from core.desk.authorisation import Authorisation
from core.desk.call_backs import CallBacks
from core.desk.call_ends import CallEnds
from core.desk.election_facts import ElectionFactsReader
from core.desk.error_lookup import ErrorMessageLookup
from core.desk.files import VoterFiles
from core.desk.freezing import AccountFreezing
from core.desk.guide import CallGuide
from core.desk.hand_overs import HandOvers
from core.desk.home import HomeOverviewReader
from core.desk.incidents import IncidentBoard
from core.desk.journal import JournalBrowser
from core.desk.mails import RecoveryMailRequests
from core.desk.message_status import AwaitedMessageTracker
from core.desk.overview import DeskOverviewReader
from core.desk.progress import CaseProgress
from core.desk.search import FindAnythingSearch
from core.desk.sessions import AgentSessions
from core.desk.sheets import EscalationSheets
from core.desk.steps import StepCodeLookup
from core.desk.verification import CallerVerification
from core.desk.voter_search import VoterSearch
from core.desk.voter_status import VoterStatusReader
from core.desk.written_answers import WrittenAnswers
from core.flows.dependencies import Dependencies
from core.flows.dispatcher import FlowDispatcher
from core.flows.flow_plugin import ElectionFlows
from core.flows.password.plugin import PasswordFlowPlugin
from core.policy.calendar import Calendar
from core.policy.policy import Policy
from core.ports import Clock
from core.text.contact import ElectionContact

P = ParamSpec("P")
R = TypeVar("R")


class Desk:
    def __init__(self, dependencies: Dependencies, dispatcher: FlowDispatcher, flows: ElectionFlows) -> None:
        self.clock, self.policy = dependencies.clock, dependencies.policy
        self.calendar, self.election = dependencies.calendar, dependencies.election
        requests = flows[PasswordFlowPlugin].requests
        definitions = tuple(handler.steps.flow for handler in dispatcher.handlers)
        self.steps = StepCodeLookup(definitions, dependencies.election.facts)
        self.authorisation = authorisation = Authorisation(dependencies)
        progress = CaseProgress(dispatcher)
        tracker = AwaitedMessageTracker(dependencies, flows.timeline_texts.changes)
        self.facts = ElectionFactsReader(dependencies)
        self.accounts = AgentAccounts(dependencies)
        self.sessions = AgentSessions(dependencies, authorisation)
        self.search = VoterSearch(dependencies, authorisation)
        self.files = VoterFiles(dependencies, authorisation, progress, flows.timeline_texts, tracker)
        self.journal = JournalBrowser(dependencies, authorisation, progress, flows.timeline_texts)
        self.case_sheets = EscalationSheets(dependencies, authorisation, self.files)
        self.verification = CallerVerification(dependencies, authorisation)
        self.mail = RecoveryMailRequests(dependencies, authorisation, requests, self.verification)
        self.incidents = IncidentBoard(dependencies, authorisation)
        self.status = VoterStatusReader(dependencies, authorisation, self.verification, self.incidents)
        self.guide = CallGuide(
            dependencies, authorisation, progress, self.mail, tracker, self.incidents, self.status, definitions
        )
        self.messages = ErrorMessageLookup(definitions, dependencies.election.facts)
        self.quick_search = FindAnythingSearch(self.search, self.steps, self.messages)
        self.signatures = Approvals(dependencies, authorisation, self.sessions)
        self.freezing = AccountFreezing(dependencies, authorisation, self.signatures, self.verification)
        self.overviews = DeskOverviewReader(dependencies, authorisation, progress, flows, self.status)
        self.call_backs = CallBacks(dependencies, authorisation)
        self.written_answers = WrittenAnswers(dependencies, authorisation, self.call_backs, progress)
        self.hand_overs = HandOvers(dependencies, authorisation, self.status)
        self.calls = CallEnds(dependencies, authorisation, self.call_backs, self.hand_overs)
        self.home = HomeOverviewReader(
            dependencies, authorisation, flows, self.incidents, self.call_backs, self.hand_overs, self.signatures
        )

    def call(self, use_case: Callable[Concatenate[Any, P], R], *given: P.args, **named: P.kwargs) -> R:
        owner = use_case.__qualname__.partition(".")[0]
        part = next(part for part in vars(self).values() if type(part).__name__ == owner)
        return use_case(part, *given, **named)


class TerminalDesk(Protocol):
    """All use cases of the helpdesk. They run in this process or in the daemon."""

    clock: Clock
    policy: Policy
    calendar: Calendar
    election: ElectionContact
    steps: StepCodeLookup
    messages: ErrorMessageLookup

    def call(self, use_case: Callable[Concatenate[Any, P], R], *given: P.args, **named: P.kwargs) -> R: ...
