"""The helpdesk's use cases, wired for one election."""

from typing import Protocol

from core.desk.account_freezing import AccountFreezing
from core.desk.agent_accounts import AgentAccounts
from core.desk.agent_sessions import AgentSessions
from core.desk.awaited_message_status import AwaitedMessageTracker
from core.desk.call_backs import CallBackUseCases
from core.desk.call_end_records import CallEndUseCases
from core.desk.call_guide import CallGuide
from core.desk.caller_verification import CallerVerification
from core.desk.case_progress import CaseProgress
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
from core.desk.sessions_callers_and_approvals import Authorisation
from core.desk.step_view import StepCodeLookup
from core.desk.supervisor_approvals import ApprovalRequestUseCases
from core.desk.voter_files import VoterFiles
from core.desk.voter_search import VoterSearch
from core.flows.dependencies import Dependencies
from core.flows.dispatcher import FlowDispatcher
from core.flows.flow_plugin import ElectionFlows
from core.flows.password.plugin import PasswordFlowPlugin
from core.policy.election_calendar import Calendar
from core.policy.election_contact import ElectionContact
from core.policy.policy import Policy
from core.ports import Clock


class Desk:
    """The helpdesk's use cases, for the terminal and the operator's commands. `flows` are those whose cases agents follow."""

    def __init__(self, dependencies: Dependencies, dispatcher: FlowDispatcher, flows: ElectionFlows) -> None:
        requests = flows[PasswordFlowPlugin].requests
        definitions = tuple(handler.steps.flow for handler in dispatcher.handlers)
        self.steps = StepCodeLookup(definitions, dependencies.election.facts)
        self.authorisation = authorisation = Authorisation(dependencies)
        progress = CaseProgress(dispatcher)
        tracker = AwaitedMessageTracker(dependencies, flows.timeline_texts.changes)
        self.accounts = AgentAccounts(dependencies)
        self.sessions = AgentSessions(authorisation)
        self.search = VoterSearch(authorisation)
        self.files = VoterFiles(authorisation, progress, flows.timeline_texts, tracker)
        self.journal = JournalBrowser(authorisation, progress, flows.timeline_texts)
        self.case_sheets = EscalationSheets(authorisation, self.files)
        self.verification = CallerVerification(authorisation)
        self.mail = RecoveryMailRequests(authorisation, requests)
        self.incidents = IncidentBoard(authorisation)
        self.guide = CallGuide(authorisation, progress, self.mail, tracker, self.incidents, definitions)
        self.messages = ErrorMessageLookup(definitions, dependencies.election.facts)
        self.quick_search = FindAnythingSearch(self.search, self.steps, self.messages)
        self.signatures = ApprovalRequestUseCases(authorisation, self.sessions)
        self.freezing = AccountFreezing(authorisation, self.signatures)
        self.overviews = DeskOverviewReader(authorisation, progress, flows)
        self.call_backs = CallBackUseCases(authorisation)
        self.written_answers = WrittenAnswerUseCases(authorisation, self.call_backs)
        self.hand_overs = HandOverUseCases(authorisation)
        self.calls = CallEndUseCases(authorisation, self.call_backs, self.hand_overs)
        self.home = HomeOverviewReader(
            authorisation, flows, self.incidents, self.call_backs, self.hand_overs, self.signatures
        )


class TerminalServices(Protocol):
    """The services of an open election, or a terminal's connection to the daemon that has them."""

    @property
    def desk(self) -> Desk:
        """The agents' use cases."""

    @property
    def clock(self) -> Clock:
        """The election's clock."""

    @property
    def policy(self) -> Policy:
        """The numbers of the rules."""

    @property
    def calendar(self) -> Calendar:
        """The dates of the election."""

    @property
    def election(self) -> ElectionContact:
        """The election's name, site and desk."""

    def is_database_readable(self) -> bool:
        """Tell whether the database can be read."""

    def close(self) -> None:
        """Close the connections."""
